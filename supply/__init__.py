"""What the project is made of: versions with hashes, a bill of materials, licences."""
