"""The demo people: all invented, marked as such, with one password that everybody may know.

Nothing here reaches production: `load_demo` refuses to run outside the quick start.
"""

from dataclasses import dataclass

PASSWORD = "demo-portal-pass"  # noqa: S105 — meant to be known
TOTP_SECRET = "NRZGCLLQN5ZHIYLMFVSGK3LPFVXW43DZ"  # noqa: S105 — meant to be known
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Person:
    """One demo person; `says` tells a newcomer what to sign in as them for."""

    key: str
    name: str
    reading: str
    latin: str
    phone: str
    says: str
    roles: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.key}@{DOMAIN}"

    @property
    def totp_secret(self) -> str:
        """The secret of the authenticator app: staff have one, applicants none."""
        return TOTP_SECRET if set(self.roles) - {"contract_admin"} else ""


PEOPLE = (
    Person("wakana", "高橋 わかな（デモ）", "タカハシ ワカナ", "Wakana Takahashi", "03-0000-0001",
           "applies for a member's certificate with a key of her own"),
    Person("ichiro", "鈴木 一郎（デモ）", "スズキ イチロウ", "Ichiro Suzuki", "03-0000-0002",
           "authorised person of a company: certificate for electronic contracts"),
    Person("mei", "木村 芽衣（デモ）", "キムラ メイ", "Mei Kimura", "03-0000-0003",
           "administers the company's contract", ("contract_admin",)),
    Person("stranger", "山本 遥（デモ）", "ヤマモト ハルカ", "Haruka Yamamoto", "03-0000-0004",
           "has an account and must see nothing of the others"),
    Person("examiner", "佐藤 審（デモ）", "サトウ シン", "Shin Sato", "03-0000-0011",
           "examines applications", ("examiner",)),
    Person("approver", "田中 承子（デモ）", "タナカ ショウコ", "Shoko Tanaka", "03-0000-0012",
           "approves certificates and revocations", ("approver",)),
    Person("agent", "伊藤 聡（デモ）", "イトウ サトシ", "Satoshi Ito", "03-0000-0013",
           "answers the call center's telephone", ("agent",)),
    Person("auditor", "渡辺 監（デモ）", "ワタナベ カン", "Kan Watanabe", "03-0000-0014",
           "reads every act, changes nothing", ("auditor",)),
    Person("officer", "中村 鍵子（デモ）", "ナカムラ カギコ", "Kagiko Nakamura", "03-0000-0015",
           "officer of the keys", ("key_officer",)),
    Person("rules", "小林 則夫（デモ）", "コバヤシ ノリオ", "Norio Kobayashi", "03-0000-0016",
           "keeps rules, documents and contracts", ("rules_manager",)),
    Person("admin", "加藤 管（デモ）", "カトウ カン", "Kan Kato", "03-0000-0017",
           "invites staff and administers, sees no applicant", ("administrator",)),
)  # fmt: skip
BY_KEY = {person.key: person for person in PEOPLE}
