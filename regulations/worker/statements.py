"""The statements that merge a range of checked lines into the register, for `loading`.

Parameters: file, service, low and high (lines above low, up to high), person, at, tomorrow.
"""
# ruff: noqa: S608 — every statement is put together from the constants of this module

from typing import Final

OPTIONAL: Final = ("name_reading", "postal_code", "address", "locality_latin", "state_latin", "phone")
_RANGE: Final = "l.file_id = %(file)s AND l.line > %(low)s AND l.line <= %(high)s"
_SAME: Final = "c.parent_service_id = %(service)s AND c.number = l.number AND c.begins_at = l.begins_at"

CORPORATIONS: Final = f"""
    INSERT INTO regulations_corporation AS k (id, corporate_number, name, name_latin, {", ".join(OPTIONAL)})
    SELECT gen_random_uuid(), corporate_number, name, name_latin, {", ".join(OPTIONAL)} FROM (
        SELECT DISTINCT ON (l.corporate_number) l.* FROM regulations_contractline l
        WHERE {_RANGE} ORDER BY l.corporate_number, l.line DESC
    ) seen
    ON CONFLICT (corporate_number) DO UPDATE SET name = EXCLUDED.name, name_latin = EXCLUDED.name_latin,
        {", ".join(f"{name} = coalesce(nullif(EXCLUDED.{name}, ''), k.{name})" for name in OPTIONAL)}"""
CHANGES: Final = f"""
    INSERT INTO regulations_contractchange
        (id, contract_id, kind, ends_before, ends_after, source, reason, file_id, made_by_id, made_at)
    SELECT gen_random_uuid(), c.id,
           CASE WHEN l.ends_at IS NULL OR l.ends_at > c.ends_at THEN 'extended'
                WHEN l.ends_at <= %(tomorrow)s THEN 'ended' ELSE 'shortened' END,
           c.ends_at, l.ends_at, 'file', '', %(file)s, %(person)s, %(at)s
    FROM regulations_contractline l JOIN regulations_contract c ON {_SAME}
    WHERE {_RANGE} AND c.ends_at IS DISTINCT FROM l.ends_at"""
PERIODS: Final = f"""
    UPDATE regulations_contract c
    SET ends_at = l.ends_at, fee_note = coalesce(nullif(l.fee_note, ''), c.fee_note), corporation_id = k.id
    FROM regulations_contractline l JOIN regulations_corporation k ON k.corporate_number = l.corporate_number
    WHERE {_SAME} AND {_RANGE}"""
CONTRACTS: Final = f"""
    WITH made AS (
        INSERT INTO regulations_contract (id, number, parent_service_id, corporation_id, begins_at, ends_at, fee_note)
        SELECT gen_random_uuid(), l.number, %(service)s, k.id, l.begins_at, l.ends_at, l.fee_note
        FROM regulations_contractline l JOIN regulations_corporation k ON k.corporate_number = l.corporate_number
        WHERE {_RANGE} AND NOT EXISTS (SELECT FROM regulations_contract c WHERE {_SAME})
        RETURNING id, ends_at)
    INSERT INTO regulations_contractchange
        (id, contract_id, kind, ends_after, source, reason, file_id, made_by_id, made_at, settled_at)
    SELECT gen_random_uuid(), id, 'begun', ends_at, 'file', '', %(file)s, %(person)s, %(at)s, %(at)s FROM made"""
MEMBERS: Final = f"""
    INSERT INTO regulations_contractmember AS m (contract_id, email, name, is_authorised_person, is_administrator)
    SELECT c.id, p.email, max(p.name), bool_or(p.authorised), bool_or(p.administers)
    FROM regulations_contractline l JOIN regulations_contract c ON {_SAME}
    CROSS JOIN LATERAL (
        VALUES (lower(l.authorised_email), l.authorised_name, true, false),
               (lower(l.administrator_email), l.administrator_name, false, true)
        UNION ALL SELECT split_part(one, chr(9), 1), split_part(one, chr(9), 2), false, false
        FROM string_to_table(l.members, chr(10)) one
    ) p (email, name, authorised, administers)
    WHERE {_RANGE} AND p.email <> '' GROUP BY c.id, p.email
    ON CONFLICT (contract_id, email) DO UPDATE SET name = EXCLUDED.name,
        is_authorised_person = m.is_authorised_person OR EXCLUDED.is_authorised_person,
        is_administrator = m.is_administrator OR EXCLUDED.is_administrator"""
