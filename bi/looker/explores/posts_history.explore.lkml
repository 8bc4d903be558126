# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: posts_history {
  label: "Posts history"
  group_label: "readership"
  description: "One row per post and version of its metadata. A version starts at the first event that carries it, so metadata that is changed and changed back makes three versions. A headline test is one version: the one that remains at the end, with all tested titles in title_variants. Metadata is in a headline test when two or more variants each return within headline_test_hours of their last occurrence, in overlapping periods, such as A, B, A, B. A variant that was current for longer than the test lasted stays a version of its own. Events with less metadata than others of the post (none, or no title) start no version. A post without any metadata has one version, from its address. To join the metadata as of a point in time, use `viewed_at >= valid_from and (viewed_at < valid_to or valid_to is null)`; views before valid_from of the first version match none. To join the metadata by the variable metadata_rule, use `viewed_at >= applies_from and viewed_at < applies_to`; every view of the post matches exactly one version. With the rule `latest`, the current version applies to all views. The rule `five_days` is that of a commercial dashboard: a change applies to past traffic if it came within metadata_settling_days of publication; a later change applies only from then on."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${posts_history.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${posts_history.site_id} = ${sites.site_id} ;;
  }
}
