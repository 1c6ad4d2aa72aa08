"""People are found by two letters of whatever is known of them, however it is spelled (O-8.2).

The database writes the card itself, with the tables of `accounts.spelling` as they are now; whoever changes those
makes the column anew in another migration.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models

from accounts.pairs import Folded, Pairs, PersonCard

# What is neither a letter nor a digit, the sign of a long vowel, and marks on letters but for the voiced ones.
DROPPED = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u02c2-\u02c5\u02d2-\u02df\u0300-\u036f\u2000-\u2070\u207a-\u207e\u20a0-\u20ff\u2190-\u2bff\u3000-\u3004"
    r"\u3008-\u3020\u302a-\u3030\u3036\u3037\u303d-\u303f\u30a0\u30fb\u30fc\ue000-\uf8ff\ufe00-\ufe4f\ufffc\ufffd\U000e0100-\U000e01ef]"
)
PLAIN = str.maketrans(
    "ぁぃぅぇぉっゃゅょゎゕゖァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバ"
    "パヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶ冨國圓學嵜嶋嶌廣德惠應斉會條榮槗櫻澤濤濱濵瀨"
    "眞碕總與萬藏邉邊靜髙黑齊齋龍﨑𠮷",
    "あいうえおつやゆよわかけああいいううええおおかがきぎくぐけげこごさざしじすずせぜそぞただちぢつつづてでとどなにぬねのはば"
    "ぱひびぴふぶぷへべぺほぼぽまみむめもややゆゆよよらりるれろわわゐゑをんゔかけ富国円学崎島島広徳恵応斎会条栄橋桜沢涛浜浜瀬"
    "真崎総与万蔵辺辺静高黒斎斎竜崎吉",
)
FUNCTIONS = """
    CREATE FUNCTION accounts_pairs(value text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
        RETURN (
            WITH whole AS (SELECT string_to_array(value, NULL) AS letters)
            SELECT array_agg(first || second)
            FROM whole, unnest(letters[:cardinality(letters) - 1], letters[2:]) AS pair (first, second)
        );
    CREATE FUNCTION accounts_folded(value text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN translate(
            normalize(
                casefold(regexp_replace(normalize(value, NFKD), 'DROPPED', '', 'g') COLLATE "pg_unicode_fast"), NFKC
            ),
            'LETTERS', 'PLAIN'
        );
    CREATE FUNCTION accounts_person_card(name text, reading text, latin text, email text, phone text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN E'\\n' || accounts_folded(name) || E'\\n' || accounts_folded(reading)
            || E'\\n' || accounts_folded(latin) || E'\\n' || accounts_folded(email)
            || E'\\n' || accounts_folded(phone)
"""
FUNCTIONS = FUNCTIONS.replace("DROPPED", DROPPED)
FUNCTIONS = FUNCTIONS.replace("LETTERS", "".join(map(chr, PLAIN))).replace("PLAIN", "".join(map(chr, PLAIN.values())))
NO_FUNCTIONS = """
    DROP FUNCTION accounts_person_card(text, text, text, text, text);
    DROP FUNCTION accounts_folded(text);
    DROP FUNCTION accounts_pairs(text)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0008_two_administrators")]

    operations: ClassVar = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.AddField(
            "user",
            "sought",
            models.GeneratedField(
                db_persist=True,
                expression=PersonCard("name", "name_reading", "name_latin", "email", "phone"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            "user", django.contrib.postgres.indexes.GinIndex(Pairs(models.F("sought")), name="person_by_pairs")
        ),
        migrations.AddIndex("user", models.Index(fields=["-joined_at"], name="person_by_joining")),
        migrations.AddIndex(
            "user",
            models.Index(
                django.contrib.postgres.indexes.OpClass(Folded(models.F("phone")), name="text_pattern_ops"),
                condition=~models.Q(phone=""),
                name="person_by_phone",
            ),
        ),
    ]
