# Written by `make lookml` from dbt's manifest; refine it, or change models.

- dashboard: readership_overview
  title: 'Readership: overview'
  description: Views, visitors, engaged time, sessions and where readers come from.
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
  - name: Site
    title: Site
    type: field_filter
    model: readership
    explore: pageviews
    field: pageviews.site_id
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
      Site: pageviews.site_id
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
      Site: pageviews.site_id
    row: 0
    col: 6
    width: 6
    height: 3
  - title: Engaged minutes per visitor
    name: Engaged minutes per visitor
    model: readership
    explore: pageviews
    type: single_value
    fields:
    - pageviews.avg_engaged
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 0
    col: 12
    width: 6
    height: 3
  - title: Sessions
    name: Sessions
    model: readership
    explore: sessions
    type: single_value
    fields:
    - sessions.sessions
    limit: 500
    listen:
      Date: sessions.started_date
      Site: sessions.site_id
    row: 0
    col: 18
    width: 6
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
      Site: pageviews.site_id
    row: 3
    col: 0
    width: 16
    height: 7
  - title: New and returning visitors
    name: New and returning visitors
    model: readership
    explore: pageviews
    type: looker_column
    fields:
    - pageviews.viewed_week
    - pageviews.visitors_new
    - pageviews.visitors_returning
    sorts:
    - pageviews.viewed_week
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 3
    col: 16
    width: 8
    height: 7
  - title: Referrers by class
    name: Referrers by class
    model: readership
    explore: pageviews
    type: looker_bar
    fields:
    - pageviews.referrer_class
    - pageviews.views
    - pageviews.visitors
    sorts:
    - pageviews.views desc
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 10
    col: 0
    width: 8
    height: 7
  - title: Referrers
    name: Referrers
    model: readership
    explore: pageviews
    type: looker_grid
    fields:
    - pageviews.referrer_name
    - pageviews.views
    - pageviews.visitors
    - pageviews.avg_engaged
    sorts:
    - pageviews.views desc
    limit: 15
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 10
    col: 8
    width: 8
    height: 7
  - title: Sessions by channel
    name: Sessions by channel
    model: readership
    explore: sessions
    type: looker_bar
    fields:
    - sessions.acquisition_channel
    - sessions.sessions
    - sessions.bounce_rate
    sorts:
    - sessions.sessions desc
    limit: 500
    listen:
      Date: sessions.started_date
      Site: sessions.site_id
    row: 10
    col: 16
    width: 8
    height: 7
  - title: Devices
    name: Devices
    model: readership
    explore: pageviews
    type: looker_pie
    fields:
    - pageviews.device_class
    - pageviews.visitors
    sorts:
    - pageviews.visitors desc
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 17
    col: 0
    width: 6
    height: 6
  - title: Operating systems
    name: Operating systems
    model: readership
    explore: pageviews
    type: looker_pie
    fields:
    - pageviews.os
    - pageviews.visitors
    sorts:
    - pageviews.visitors desc
    limit: 8
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 17
    col: 6
    width: 6
    height: 6
  - title: Countries
    name: Countries
    model: readership
    explore: pageviews
    type: looker_bar
    fields:
    - pageviews.country_code
    - pageviews.visitors
    sorts:
    - pageviews.visitors desc
    limit: 10
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 17
    col: 12
    width: 6
    height: 6
  - title: Sections
    name: Sections
    model: readership
    explore: pageviews
    type: looker_bar
    fields:
    - posts.section
    - pageviews.visitors
    sorts:
    - pageviews.visitors desc
    limit: 10
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 17
    col: 18
    width: 6
    height: 6
  - title: Top posts
    name: Top posts
    model: readership
    explore: pageviews
    type: looker_grid
    fields:
    - posts.title
    - posts.section
    - pageviews.views
    - pageviews.visitors
    - pageviews.engaged_minutes
    - pageviews.avg_engaged
    sorts:
    - pageviews.views desc
    limit: 50
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 23
    col: 0
    width: 24
    height: 9
  - title: Sections of loyal visitors
    name: Sections of loyal visitors
    model: readership
    explore: pageviews
    type: looker_bar
    fields:
    - posts.section
    - visitors.is_loyal
    - pageviews.views
    pivots:
    - visitors.is_loyal
    sorts:
    - pageviews.views desc
    limit: 100
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 32
    col: 0
    width: 12
    height: 7
  - title: Depth of reading by device
    name: Depth of reading by device
    model: readership
    explore: pageviews
    type: looker_column
    fields:
    - pageviews.device_class
    - pageviews.read_category
    - pageviews.views
    pivots:
    - pageviews.read_category
    sorts:
    - pageviews.device_class
    limit: 500
    listen:
      Date: pageviews.viewed_date
      Site: pageviews.site_id
    row: 32
    col: 12
    width: 12
    height: 7
