"""What the demo's applicants type, hand in and later report, one scenario for each demo target system."""

from dataclasses import dataclass, field

from lra_portal.demo.people import HARUKA, MINORI, TSUMUGI, WAKANA, Person


@dataclass(frozen=True)
class Scenario:
    """One person's way through one target system; what account and contract know is filled in already."""

    slug: str
    person: Person
    typed: dict[str, str]
    ground: str = "holder:no_longer_used"
    statement: str = ""
    contract: str = ""
    documents: tuple[str, ...] = field(default=())
    caller: bool = False


SCENARIOS = {
    scenario.slug: scenario
    for scenario in (
        Scenario(
            slug="member-client",
            person=WAKANA,
            typed={"member_number": "M-000123"},
            documents=("identity_document",),
            ground="holder:key_compromise",
            statement="鍵を入れた端末をなくしました（デモ）",
        ),
        Scenario(
            slug="e-contract",
            person=TSUMUGI,
            typed={
                "title": "購買部 部長",
                "department_latin": "General Manager, Purchasing Department",
            },
            contract="E-40213",
            documents=("seal_certificate", "company_register"),
            ground="holder:no_longer_used",
            caller=True,
        ),
        Scenario(
            slug="monitored-device",
            person=MINORI,
            typed={
                "device_name": "Collector 2-3",
                "device_serial": "MK2-000417",
                "device_place": "第2工場 3番ライン（デモ）",
            },
            contract="D-20111",
            documents=("device_register",),
            ground="holder:information_changed",
            statement="装置の管理責任者が代わります（デモ）",
        ),
        Scenario(
            slug="remote-access",
            person=HARUKA,
            typed={"access_number": "R-000123"},
            ground="holder:no_longer_used",
            statement="社外から接続しなくなりました（デモ）",
        ),
    )
}

# Applications that wait for an examiner when the quick start opens for the first time.
SAMPLES = (
    Scenario(
        slug="e-contract",
        person=MINORI,
        typed={"title": "総務部 課長", "department_latin": "Manager, General Affairs Department"},
        contract="E-40213",
        documents=("seal_certificate", "company_register"),
    ),
    Scenario(
        slug="member-client",
        person=HARUKA,
        typed={"member_number": "M-000456"},
        documents=("identity_document",),
    ),
)
