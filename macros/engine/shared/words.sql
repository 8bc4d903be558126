{#
    How search splits text into words. Stored texts and queries use the same rules, so that a word
    is found however it is typed.

    Characters: lower case, NFC, normal width, digits as 0 to 9, no invisible characters.

    Marks: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters lose their marks,
    and letters that are rare on keyboards become their usual substitutes: ß is ss, ø is o, ς is σ.
    In other scripts marks are vowels and stay; Devanagari only loses the nukta, and the candrabindu
    becomes an anusvara.

    Scripts without spaces between words, or with suffixes attached (Han, kana, Hangul, Thai, Lao,
    Khmer and Burmese), are indexed as single characters and pairs of adjacent characters. A query
    uses the pairs, or the character if there is only one.

    An apostrophe of any kind separates words, and so does every other sign.
#}

{# The words of a text: `from` clause item with the column `word`. A word may occur twice. #}
{% macro words_of(column, relation_alias, is_query=false) -%}
    {%- set unspaced = readership.unspaced_letters() -%}
    {%- set parts = (
        '[' ~ unspaced ~ ']+|[^[:cntrl:] -/:-@\\[-`{-\u007f'
        ~ readership.separator_characters() ~ unspaced ~ ']+'
    ) -%}
    {{ return(adapter.dispatch('words_of', 'readership')(
        column, relation_alias, unspaced, parts, is_query
    )) }}
{%- endmacro %}

{% macro default__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    lateral (
        select
            pieces[place] || case when parts_of_word.size = 2 then pieces[place + 1] else '' end
                as word
        from (
            select
                pieces,
                generate_subscripts(pieces, 1) as place
            from (
                select
                    {{ readership.all_matches('folded', '[' ~ unspaced ~ ']|[^' ~ unspaced ~ ']+') }}
                        as pieces
                from (
                    select {{ readership.folded_letters('part') }} as folded
                    from (
                        select
                            unnest({{
                                readership.all_matches(readership.folded_text(column), parts)
                            }}) as part
                    ) as parts
                ) as folded_parts
            ) as in_pieces
        ) as placed
        cross join (values (1), (2)) as parts_of_word (size)
        where
            pieces[place + parts_of_word.size - 1] is not null
            {%- if is_query %}
            and parts_of_word.size = least(2, array_length(pieces, 1))
            {%- endif %}
    ) as {{ relation_alias }}
{%- endmacro %}


{# ---------- text normalization #}

{# Lower-case characters as on the usual keyboard. Characters of `from` beyond the length of `to`
   are removed: joiners, soft hyphens, direction marks, variation selectors, the Arabic tatweel. #}
{% macro folded_text(column) -%}
    {%- set from = (
        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ'
        ~ 'ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ\uff9e\uff9f'
        ~ '⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉'
        ~ '\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669'
        ~ '\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9'
        ~ '०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙'
        ~ '\u02bb\u02bc'
        ~ '\u00ad\u034f\u0640\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e'
        ~ '\u2060\u2066\u2067\u2068\u2069\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07'
        ~ '\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f\ufeff'
    ) -%}
    {%- set to = (
        '0123456789abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'
        ~ 'ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309a'
        ~ '0123456789' * 7 ~ '’’'
    ) -%}
    {{ readership.nfc_normalized(
        "lower(translate(" ~ column ~ ", '" ~ from ~ "', '" ~ to ~ "'))"
    ) }}
{%- endmacro %}


{# Removes marks that are not letters from a part that is (nearly) of one script, then maps
   single letters. #}
{% macro folded_letters(part) -%}
    {%- set marks_are_letters = (
        '\u0700-\u074f\u0780-\u085f\u0900-\u1aaf\u1b00-\u1cff\ua800-\uab2f\uabc0-\uabff'
        ~ '\U00010000-\U0010ffff' ~ readership.unspaced_letters()
    ) -%}
    {%- set from = (
        'ςøđðłıħŧɓɗƙƴ\u0671\u0649\u06cc\u06a9\u0629\u06d5\u06c1\u0901\u0929\u0931\u0934\u093c'
    ) -%}
    {%- set to = 'σoddlihtbdky\u0627\u064a\u064a\u0643\u0647\u0647\u0647\u0902\u0928\u0930\u0933' -%}
    {%- set letters = namespace(sql=(
        "translate(case when " ~ readership.first_match(part, '([' ~ marks_are_letters ~ '])')
        ~ " is null then " ~ readership.without_marks(part) ~ " else " ~ part ~ " end, '"
        ~ from ~ "', '" ~ to ~ "')"
    )) -%}
    {%- for letter, spelt in [
        ('ß', 'ss'), ('æ', 'ae'), ('œ', 'oe'), ('þ', 'th'),
        ('\ufb00', 'ff'), ('\ufb01', 'fi'), ('\ufb02', 'fl'), ('\ufb03', 'ffi'), ('\ufb04', 'ffl'),
    ] -%}
        {%- set letters.sql = "replace(" ~ letters.sql ~ ", '" ~ letter ~ "', '" ~ spelt ~ "')" -%}
    {%- endfor -%}
    {{ return(letters.sql) }}
{%- endmacro %}


{# ---------- character classes, for use in brackets of a regular expression #}

{# Characters beyond ASCII that belong to no word: punctuation, symbols, spaces and controls. The
   ranges include unassigned code points. #}
{% macro separator_characters() -%}
    {{ return(
        '\u0080-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5'
        ~ '\u02d2-\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e\u0384\u0385\u0387\u03f6'
        ~ '\u0482\u055a-\u055f\u0589-\u058f\u05be\u05c0\u05c3\u05c6\u05f3-\u060f\u061b-\u061f'
        ~ '\u066a-\u066d\u06d4\u06dd\u06de\u06e9\u06fd\u06fe\u0700-\u070f\u07f6-\u07f9'
        ~ '\u07fe\u07ff\u0830-\u083e\u085e\u0888\u0890\u0891\u08e2\u0964\u0965\u0970\u09f2\u09f3'
        ~ '\u09fa\u09fb\u09fd\u0a76\u0af0\u0af1\u0b70\u0bf3-\u0bfa\u0c77\u0c7f\u0c84\u0d4f\u0d79'
        ~ '\u0df4\u0e3f\u0e4f\u0e5a\u0e5b\u0f01-\u0f17\u0f1a-\u0f1f\u0f34\u0f36\u0f38'
        ~ '\u0f3a-\u0f3d\u0f85\u0fbe-\u0fc5\u0fc7-\u0fda\u104a-\u104f\u109e\u109f\u10fb'
        ~ '\u1360-\u1368\u1390-\u1399\u1400\u166d\u166e\u1680\u169b\u169c\u16eb-\u16ed'
        ~ '\u1735\u1736\u17d4-\u17d6\u17d8-\u17db\u1800-\u180a\u180e\u1940-\u1945\u19de-\u19ff'
        ~ '\u1a1e\u1a1f\u1aa0-\u1aa6\u1aa8-\u1aad\u1b5a-\u1b6a\u1b74-\u1b7e\u1bfc-\u1bff'
        ~ '\u1c3b-\u1c3f\u1c7e\u1c7f\u1cc0-\u1cc7\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf'
        ~ '\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd-\u206f\u207a-\u207e\u208a-\u208e\u20a0-\u20c0'
        ~ '\u2100\u2101\u2103-\u2106\u2108\u2109\u2114\u2116-\u2118\u211e-\u2123\u2125\u2127'
        ~ '\u2129\u212e\u213a\u213b\u2140-\u2144\u214a-\u214d\u214f\u218a-\u244a\u249c-\u24e9'
        ~ '\u2500-\u2775\u2794-\u2bff\u2ce5-\u2cea\u2cf9-\u2cfc\u2cfe\u2cff\u2d70\u2e00-\u2e2e'
        ~ '\u2e30-\u3004\u3008-\u3020\u3030\u3036\u3037\u303d-\u303f\u309b\u309c\u30a0\u30fb'
        ~ '\u3190\u3191\u3196-\u319f\u31c0-\u31e3\u3200-\u321e\u322a-\u3247\u3250\u3260-\u327f'
        ~ '\u328a-\u32b0\u32c0-\u33ff\u4dc0-\u4dff\ua490-\ua4c6\ua4fe\ua4ff\ua60d-\ua60f\ua673'
        ~ '\ua67e\ua6f2-\ua716\ua720\ua721\ua789\ua78a\ua828-\ua82b\ua836-\ua839\ua874-\ua877'
        ~ '\ua8ce\ua8cf\ua8f8-\ua8fa\ua8fc\ua92e\ua92f\ua95f\ua9c1-\ua9cd\ua9de\ua9df'
        ~ '\uaa5c-\uaa5f\uaa77-\uaa79\uaade\uaadf\uaaf0\uaaf1\uab5b\uab6a\uab6b\uabeb'
        ~ '\ue000-\uf8ff\ufb29\ufbb2-\ufbc2\ufd3e-\ufd4f\ufdcf\ufdfc-\ufdff\ufe10-\ufe19'
        ~ '\ufe30-\ufe6b\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\ufffd'
        ~ '\U0001d000-\U0001d35f\U0001f000-\U0001fbef\U000e0000-\U000e0fff'
    ) }}
{%- endmacro %}


{# Letters and marks of the scripts indexed by characters and pairs. #}
{% macro unspaced_letters() -%}
    {{ return(
        '\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0edf\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u17dc-\u17dd'
        ~ '\u1100-\u11ff\u3005-\u3007\u3021-\u302f\u3031-\u3035\u3038-\u303c\u3041-\u309a'
        ~ '\u309d-\u309f\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua48f'
        ~ '\ua960-\ua97f\ua9e0-\ua9fe\uaa60-\uaa76\uac00-\ud7ff\uf900-\ufaff'
        ~ '\U0001aff0-\U0001b16f\U00020000-\U0003ffff'
    ) }}
{%- endmacro %}


{# ---------- engine differences #}

{# All matches of a regular expression without groups, as a list. #}
{% macro all_matches(column, pattern) -%}
    {{ return(adapter.dispatch('all_matches', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__all_matches(column, pattern) -%}
    regexp_extract_all({{ column }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__all_matches(column, pattern) -%}
    array(
        select (regexp_matches({{ column }}, '{{ readership.postgres__pattern(pattern) }}', 'g'))[1]
    )
{%- endmacro %}


{# A text with letters and marks composed (NFC). #}
{% macro nfc_normalized(column) -%}
    {{ return(adapter.dispatch('nfc_normalized', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__nfc_normalized(column) -%}
    nfc_normalize({{ column }})
{%- endmacro %}

{% macro postgres__nfc_normalized(column) -%}
    normalize({{ column }}, nfc)
{%- endmacro %}


{# A text without combining marks. #}
{% macro without_marks(column) -%}
    {{ return(adapter.dispatch('without_marks', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__without_marks(column) -%}
    strip_accents({{ column }})
{%- endmacro %}

{% macro postgres__without_marks(column) -%}
    normalize(regexp_replace(normalize({{ column }}, nfd), '[{{ readership.marks_to_remove() }}]', '', 'g'), nfc)
{%- endmacro %}


{# The marks of the scripts from which words_of() removes marks. #}
{% macro marks_to_remove() -%}
    {{ return(
        '\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7'
        ~ '\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed'
        ~ '\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff'
        ~ '\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f'
        ~ '\ua6f0-\ua6f1\ufb1e\ufe20-\ufe2f'
    ) }}
{%- endmacro %}
