# Written by `make lookml` from dbt's manifest; refine it, or change models.

- dashboard: readership_post
  title: 'Readership: one post'
  description: 'How a post is read: by hour, by source, how deep, and where readers
    go next.'
  layout: newspaper
  preferred_viewer: dashboards-next
  filters:
  - name: Date
    title: Date
    type: field_filter
    default_value: 28 days
    model: readership
    explore: pageviews
    field: pageviews.viewed_date
  - name: Post
    title: Post
    type: field_filter
    model: readership
    explore: pageviews
    field: posts.title
  elements:
  - title: Views
    name: Views
    model: readership
    explore: pageviews
    type: single_value
    fields:
    - pageviews.views
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 0
    col: 0
    width: 6
    height: 3
  - title: Visitors
    name: Visitors
    model: readership
    explore: pageviews
    type: single_value
    fields:
    - pageviews.visitors
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 0
    col: 6
    width: 6
    height: 3
  - title: Engaged seconds per view
    name: Engaged seconds per view
    model: readership
    explore: pageviews
    type: single_value
    fields:
    - pageviews.engaged_seconds_per_view
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 0
    col: 12
    width: 6
    height: 3
  - title: Recirculation
    name: Recirculation
    model: readership
    explore: engaged_time
    type: single_value
    fields:
    - engaged_time.recirculation_rate
    limit: 500
    listen:
      Date: engaged_time.local_date
      Post: posts.title
    row: 0
    col: 18
    width: 6
    height: 3
  - title: The post
    name: The post
    model: readership
    explore: pageviews
    type: looker_grid
    fields:
    - posts.title
    - posts.authors
    - posts.section
    - posts.canonical_url
    - posts.word_count
    - posts.published_utc_time
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 3
    col: 0
    width: 24
    height: 3
  - title: Views and visitors by day
    name: Views and visitors by day
    model: readership
    explore: pageviews
    type: looker_line
    fields:
    - pageviews.viewed_date
    - pageviews.views
    - pageviews.visitors
    sorts:
    - pageviews.viewed_date
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 6
    col: 0
    width: 12
    height: 7
  - title: By hours since publication
    name: By hours since publication
    model: readership
    explore: pageviews
    type: looker_line
    fields:
    - pageviews.hours_since_published
    - pageviews.visitors
    - pageviews.avg_engaged
    sorts:
    - pageviews.hours_since_published
    limit: 72
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 6
    col: 12
    width: 12
    height: 7
  - title: Referrers
    name: Referrers
    model: readership
    explore: pageviews
    type: looker_grid
    fields:
    - pageviews.referrer_class
    - pageviews.referrer_name
    - pageviews.views
    - pageviews.visitors
    sorts:
    - pageviews.views desc
    limit: 15
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 13
    col: 0
    width: 8
    height: 7
  - title: Depth of reading
    name: Depth of reading
    model: readership
    explore: pageviews
    type: looker_pie
    fields:
    - pageviews.read_category
    - pageviews.views
    sorts:
    - pageviews.views desc
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 13
    col: 8
    width: 8
    height: 7
  - title: Loyalty of its visitors
    name: Loyalty of its visitors
    model: readership
    explore: pageviews
    type: looker_bar
    fields:
    - visitors.session_tier
    - pageviews.visitors
    sorts:
    - pageviews.visitors desc
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Post: posts.title
    row: 13
    col: 16
    width: 8
    height: 7
