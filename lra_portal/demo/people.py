"""The demo people: all invented, marked as such, with one password that everybody may know.

Nothing here reaches production: `load_demo` refuses to run outside the quick start.
"""

from dataclasses import dataclass

PASSWORD = "demo-portal-pass"  # noqa: S105 — meant to be known
TOTP_SECRET = "NRZGCLLQN5ZHIYLMFVSGK3LPFVXW43DZ"  # noqa: S105 — meant to be known


@dataclass(frozen=True)
class Person:
    """One demo person; `says` tells a newcomer what to sign in as them for."""

    email: str
    name: str
    reading: str
    latin: str
    phone: str
    says: str
    roles: tuple[str, ...] = ()

    @property
    def totp_secret(self) -> str:
        """The secret of the authenticator app: staff have one, applicants none."""
        return TOTP_SECRET if set(self.roles) - {"contract_admin"} else ""


WAKANA = Person(
    "wakana.takahashi@example.jp", "高橋 わかな（デモ）", "タカハシ ワカナ", "Wakana Takahashi", "03-0000-0101",
    "applies for a member's certificate with a key of her own",
)  # fmt: skip
TSUMUGI = Person(
    "tsumugi.ono@example.jp", "大野 つむぎ（デモ）", "オオノ ツムギ", "Tsumugi Ono", "03-0000-0102",
    "authorised person of a company: a certificate for electronic contracts",
)  # fmt: skip
MINORI = Person(
    "minori.sato@example.jp", "佐藤 みのり（デモ）", "サトウ ミノリ", "Minori Sato", "03-0000-0103",
    "administers her company's contract and has applied herself", ("contract_admin",),
)  # fmt: skip
HARUKA = Person(
    "haruka.yamamoto@example.jp", "山本 遥（デモ）", "ヤマモト ハルカ", "Haruka Yamamoto", "03-0000-0104",
    "another applicant, who must see nothing of the others",
)  # fmt: skip
EXAMINER = Person(
    "examiner@demo.example", "三浦 審（デモ）", "ミウラ シン", "Shin Miura", "03-0000-0201",
    "examines applications", ("examiner",),
)  # fmt: skip
SECOND_EXAMINER = Person(
    "examiner2@demo.example", "石井 幸（デモ）", "イシイ サチ", "Sachi Ishii", "03-0000-0211",
    "examines too: cases can be handed over", ("examiner",),
)  # fmt: skip
APPROVER = Person(
    "approver@demo.example", "田中 承子（デモ）", "タナカ ショウコ", "Shoko Tanaka", "03-0000-0202",
    "approves certificates and revocations", ("approver",),
)  # fmt: skip
AGENT = Person(
    "agent@demo.example", "伊藤 聡（デモ）", "イトウ サトシ", "Satoshi Ito", "03-0000-0203",
    "answers the call center's telephone", ("agent",),
)  # fmt: skip
AUDITOR = Person(
    "auditor@demo.example", "渡辺 監（デモ）", "ワタナベ カン", "Kan Watanabe", "03-0000-0204",
    "reads every act and changes nothing", ("auditor",),
)  # fmt: skip
OFFICER = Person(
    "officer@demo.example", "中村 鍵子（デモ）", "ナカムラ カギコ", "Kagiko Nakamura", "03-0000-0205",
    "key officer", ("key_officer",),
)  # fmt: skip
SECOND_OFFICER = Person(
    "officer2@demo.example", "前田 錠（デモ）", "マエダ ジョウ", "Jo Maeda", "03-0000-0206",
    "second key officer", ("key_officer",),
)  # fmt: skip
RULES_MANAGER = Person(
    "rules@demo.example", "小林 則夫（デモ）", "コバヤシ ノリオ", "Norio Kobayashi", "03-0000-0207",
    "keeps rules, documents and contracts", ("rules_manager",),
)  # fmt: skip
ADMINISTRATOR = Person(
    "admin@demo.example", "加藤 管（デモ）", "カトウ カン", "Kan Kato", "03-0000-0208",
    "invites staff, sees no applicant", ("administrator",),
)  # fmt: skip
SECOND_ADMINISTRATOR = Person(
    "admin2@demo.example", "清水 務（デモ）", "シミズ ツトム", "Tsutomu Shimizu", "03-0000-0210",
    "confirms what the first one proposes", ("administrator",),
)  # fmt: skip
SECOND_RULES_MANAGER = Person(
    "rules2@demo.example", "吉田 規子（デモ）", "ヨシダ ノリコ", "Noriko Yoshida", "03-0000-0209",
    "reviews what the first one wrote", ("rules_manager",),
)  # fmt: skip
PEOPLE = (
    WAKANA, TSUMUGI, MINORI, HARUKA, EXAMINER, SECOND_EXAMINER, APPROVER, AGENT, AUDITOR, OFFICER, SECOND_OFFICER,
    RULES_MANAGER, SECOND_RULES_MANAGER, ADMINISTRATOR,
    SECOND_ADMINISTRATOR,
)  # fmt: skip
