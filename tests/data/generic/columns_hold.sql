{#
    Rules on the columns of a relation, checked in a single scan. Returns one row per broken rule:
    column_name, rule, failures. docs/adding_a_model.md describes the rules.
#}
{% test columns_hold(
    model,
    unique=[],
    not_null=[],
    accepted_values={},
    between={},
    at_least={},
    not_before={},
    found_in={},
    known_time_zone=[],
    response_envelope=[]
) %}
    {{ readership.broken_column_rules(model, readership.column_rules({
        'unique': unique,
        'not_null': not_null,
        'accepted_values': accepted_values,
        'between': between,
        'at_least': at_least,
        'not_before': not_before,
        'found_in': found_in,
        'known_time_zone': known_time_zone,
        'response_envelope': response_envelope,
    })) }}
{% endtest %}
