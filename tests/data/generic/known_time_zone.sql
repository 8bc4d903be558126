{% test known_time_zone(model, column_name) %}
    select *
    from {{ model }}
    where {{ column_name }} not in ({{ readership.time_zone_names() }})
{% endtest %}
