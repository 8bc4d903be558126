"""What well-kept libraries say about texts in events: user agents and hosts, each described once.

An event names its user agent and the addresses it came from; millions of events have thousands of
those. So a reading process keeps the texts that it has seen (`SeenTexts`, 128 bits of each) and
describes a text only when it is new: `describe_agent` by ua-parser for browser, system and device
(`agents`), by crawler-user-agents and by what a text says of itself for robots (`robots`), by the
rules in `devices` for the class of device; `describe_host` by the public suffix list and Matomo's
search engines (`hosts`). Nothing asks the network.

`FirstSightings` brings together what the processes of one load describe, fields that are not in
the list among it, and makes the rows of `raw.user_agents`, `raw.hosts` and `raw.unknown_fields`;
`AlreadyDescribed` is what earlier loads have left there.
"""

from loaders.enriching.agents import Agent, describe_agent
from loaders.enriching.first_sightings import AlreadyDescribed, FirstSightings
from loaders.enriching.hosts import Host, describe_host, hosts_in
from loaders.enriching.seen_texts import SeenTexts

__all__ = [
    "Agent",
    "AlreadyDescribed",
    "FirstSightings",
    "Host",
    "SeenTexts",
    "describe_agent",
    "describe_host",
    "hosts_in",
]
