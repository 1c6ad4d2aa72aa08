"""The life of an application, as the office and the applicant know it (O-4.2)."""

from audit.acts import Act
from audit.states import Move, StateMachine

APPLICATION = StateMachine(
    table="applications_application",
    initial=("draft",),
    moves=(
        Move(Act.APPLICATION_SUBMIT, ("draft", "waiting_consent"), "submitted"),
        # Filed for somebody else: received only once that person has read it and agreed (O-4.1, J-5).
        Move(Act.APPLICATION_PRESENT, ("draft",), "waiting_consent"),
        Move(Act.APPLICATION_RECALL, ("waiting_consent",), "draft"),
        Move(Act.APPLICATION_TAKE_OVER, ("waiting_consent",), "draft"),
        Move(Act.APPLICATION_DECLINE, ("waiting_consent",), "withdrawn"),
        Move(Act.APPLICATION_CLAIM, ("submitted",), "examining"),
        Move(Act.APPLICATION_RELEASE, ("examining",), "submitted"),
        Move(Act.APPLICATION_ASK, ("examining",), "waiting_information"),
        Move(Act.APPLICATION_ANSWER, ("waiting_information",), "examining"),
        Move(Act.APPLICATION_LAPSE, ("draft", "waiting_consent", "waiting_information"), "lapsed"),
        Move(Act.APPLICATION_REOPEN, ("lapsed",), "waiting_information"),
        Move(Act.APPLICATION_RECOMMEND, ("examining",), "awaiting_approval"),
        Move(Act.APPLICATION_RETURN, ("awaiting_approval",), "examining"),
        Move(Act.APPLICATION_APPROVE, ("awaiting_approval",), "approved"),
        Move(Act.APPLICATION_REFUSE, ("awaiting_approval",), "refused"),
        Move(
            Act.APPLICATION_WITHDRAW,
            ("draft", "waiting_consent", "submitted", "examining", "waiting_information", "awaiting_approval"),
            "withdrawn",
        ),
    ),
)

# A notice that something submitted has changed or was wrong (O-13); what follows is its outcome.
CHANGE = StateMachine(
    table="applications_changenotice",
    initial=("received",),
    moves=(
        Move(Act.CHANGE_CLAIM, ("received",), "examining"),
        Move(Act.CHANGE_RELEASE, ("examining",), "received"),
        Move(Act.CHANGE_PROPOSE, ("examining",), "awaiting_approval"),
        Move(Act.CHANGE_RETURN, ("awaiting_approval",), "examining"),
        Move(Act.CHANGE_SETTLE, ("awaiting_approval",), "settled"),
        Move(Act.CHANGE_WITHDRAW, ("received", "examining"), "withdrawn"),
    ),
)

ADVANCE = StateMachine(
    table="applications_advancenotice",
    initial=("sending",),
    moves=(
        Move(Act.ADVANCE_STOP, ("sending",), "stopped"),
        Move(Act.ADVANCE_RESUME, ("stopped",), "sending"),
        Move(Act.ADVANCE_FINISH, ("sending",), "finished"),
    ),
)

# A file of applications: checked as a whole, then filed line by line; once a line is filed it is not thrown away.
BATCH = StateMachine(
    table="applications_batch",
    initial=("received",),
    moves=(
        Move(Act.BATCH_CHECK, ("received", "stopped"), "checking"),
        Move(Act.BATCH_STOP, ("checking",), "stopped"),
        Move(Act.BATCH_FAULT, ("checking", "filing"), "faulty"),
        Move(Act.BATCH_CLEAR, ("checking",), "checked"),
        Move(Act.BATCH_CONFIRM, ("checked",), "filing"),
        Move(Act.BATCH_HALT, ("filing",), "halted"),
        Move(Act.BATCH_RESUME, ("halted",), "filing"),
        Move(Act.BATCH_FILE, ("filing",), "filed"),
        Move(Act.BATCH_DISCARD, ("received", "stopped", "faulty", "checked"), "discarded"),
    ),
)

# A campaign that offers reissues: prepared by one person, started by another.
CAMPAIGN = StateMachine(
    table="applications_campaign",
    initial=("prepared",),
    moves=(
        Move(Act.CAMPAIGN_START, ("prepared",), "running"),
        Move(Act.CAMPAIGN_DISCARD, ("prepared",), "discarded"),
        Move(Act.CAMPAIGN_STOP, ("running",), "stopped"),
        Move(Act.CAMPAIGN_RESUME, ("stopped",), "running"),
        Move(Act.CAMPAIGN_FINISH, ("running", "stopped"), "finished"),
    ),
)

# What becomes of the offer to one holder; an application that comes to nothing leaves the offer open.
MEMBER = StateMachine(
    table="applications_campaignmember",
    initial=("waiting",),
    moves=(
        Move(Act.CAMPAIGN_OFFER, ("waiting",), "offered"),
        Move(Act.CAMPAIGN_TAKE_UP, ("offered",), "opened"),
        Move(Act.CAMPAIGN_REOPEN, ("opened",), "offered"),
        Move(Act.CAMPAIGN_ISSUE, ("offered", "opened"), "issued"),
        Move(Act.CAMPAIGN_DECLINE, ("offered",), "declined"),
        Move(Act.CAMPAIGN_SKIP, ("waiting", "offered"), "skipped"),
        Move(Act.CAMPAIGN_EXPIRE, ("waiting", "offered"), "expired"),
    ),
)
