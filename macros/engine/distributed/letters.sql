{# A text with the sound marks of kana composed with their letters. #}
{% macro composed_kana(column) -%}
    {%- set composed = namespace(sql=column) -%}
    {%- for mark, letters, marked in [
        ('\u3099', 'カキクケコサシスセソタチツテトハヒフヘホウワヲ', 'ガギグゲゴザジズゼゾダヂヅデドバビブベボヴヷヺ'),
        ('\u309a', 'ハヒフヘホ', 'パピプペポ'),
    ] -%}
        {%- for letter in letters -%}
            {%- set composed.sql = (
                "replace(" ~ composed.sql ~ ", '" ~ letter ~ mark ~ "', '" ~ marked[loop.index0] ~ "')"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(composed.sql) }}
{%- endmacro %}


{# Lower-case letters of the Basic Multilingual Plane that Unicode decomposes into a letter and such
   marks, and, at the same places, that letter. #}
{% macro marked_letters() -%}
    {{ return(
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭ'
        ~ 'ůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳ΅ΐάέήίΰϊϋόύώйѐёѓїќ'
        ~ 'ѝўѷӂӑӓӗӛӝӟӣӥӧӫӭӯӱӳӵӹ\u0622\u0623\u0624\u0625\u0626\u06c0\u06c2\u06d3ḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗ'
        ~ 'ṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙẛạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủ'
        ~ 'ứừửữựỳỵỷỹἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὐὑὒὓὔὕὖὗὠὡὢὣὤὥὦὧὰάὲέὴήὶίὸόὺ'
        ~ 'ύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾼ῁ῂῃῄῆῇῌ῍῎῏ῐῑῒ'
        ~ 'ΐῖῗ῝῞῟ῠῡῢΰῤῥῦῧ῭΅ῲῳῴῶῷῼ↚↛↮⇍⇎⇏∄∉∌∤∦≁≄≇≉≠≢≭≮≯≰≱≴≵≸≹⊀⊁⊄⊅⊈⊉⊬⊭⊮⊯⋠⋡⋢⋣⋪⋫⋬⋭⫝̸\ufb1d\ufb1f\ufb2a\ufb2b\ufb2c'
        ~ '\ufb2d\ufb2e\ufb2f\ufb30\ufb31\ufb32\ufb33\ufb34\ufb35\ufb36\ufb38\ufb39\ufb3a\ufb3b\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46\ufb47\ufb48\ufb49\ufb4a\ufb4b\ufb4c\ufb4d\ufb4e'
    ) }}
{%- endmacro %}


{% macro plain_letters() -%}
    {{ return(
        'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuu'
        ~ 'uuuwyzzzouaiouuuuuaaægkooʒjgnaæøaaeeiioorruusthaeooooy¨ιαεηιυιυουωиеегік'
        ~ 'иуѵжааеәжзииоөэууучы\u0627\u0627\u0648\u0627\u064a\u06d5\u06c1\u06d2abbbcdddddeeeeefghhhhhiikkkllllmmmnnnnoooopp'
        ~ 'rrrrsssssttttuuuuuvvwwwwwxxyzzzhtwyſaaaaaaaaaaaaeeeeeeeeiioooooooooooouu'
        ~ 'uuuuuyyyyααααααααεεεεεεηηηηηηηηιιιιιιιιοοοοοουυυυυυυυωωωωωωωωααεεηηιιοου'
        ~ 'υωωααααααααΑΑΑΑΑΑΑΑηηηηηηηηΗΗΗΗΗΗΗΗωωωωωωωωΩΩΩΩΩΩΩΩαααααααΑ¨ηηηηηΗ᾿᾿᾿ιιι'
        ~ 'ιιι῾῾῾υυυυρρυυ¨¨ωωωωωΩ←→↔⇐⇔⇒∃∈∋∣∥∼≃≅≈=≡≍<>≤≥≲≳≶≷≺≻⊂⊃⊆⊇⊢⊨⊩⊫≼≽⊑⊒⊲⊳⊴⊵⫝\u05d9\u05f2\u05e9\u05e9\u05e9'
        ~ '\u05e9\u05d0\u05d0\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d8\u05d9\u05da\u05db\u05dc\u05de\u05e0\u05e1\u05e3\u05e4\u05e6\u05e7\u05e8\u05e9\u05ea\u05d5\u05d1\u05db\u05e4'
    ) }}
{%- endmacro %}
