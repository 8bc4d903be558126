{% test not_before(model, column_name, earlier) %}
    select *
    from {{ model }}
    where {{ column_name }} < {{ earlier }}
{% endtest %}
