"""The lives of subscriptions, of documents' and rules' versions, and of files of contracts."""

from audit.acts import Act
from audit.states import Move, StateMachine

SUBSCRIPTION = StateMachine(
    table="regulations_subscription",
    initial=("applied",),
    moves=(
        Move(Act.SUBSCRIPTION_START, ("applied",), "in_use"),
        Move(Act.SUBSCRIPTION_SUSPEND, ("in_use",), "suspended"),
        Move(Act.SUBSCRIPTION_RESUME, ("suspended",), "in_use"),
        Move(Act.SUBSCRIPTION_END, ("applied", "in_use", "suspended"), "ended"),
    ),
)

CONTRACT_FILE = StateMachine(
    table="regulations_contractfile",
    initial=("received",),
    moves=(
        Move(Act.CONTRACT_FILE_CHECK, ("received", "stopped"), "checking"),
        Move(Act.CONTRACT_FILE_STOP, ("checking",), "stopped"),
        Move(Act.CONTRACT_FILE_FAULT, ("checking", "loading"), "faulty"),
        Move(Act.CONTRACT_FILE_CLEAR, ("checking",), "checked"),
        Move(Act.CONTRACT_FILE_CONFIRM, ("checked",), "loading"),
        Move(Act.CONTRACT_FILE_HALT, ("loading",), "checked"),
        Move(Act.CONTRACT_FILE_LOAD, ("loading",), "loaded"),
        Move(Act.CONTRACT_FILE_DISCARD, ("received", "stopped", "faulty", "checked"), "discarded"),
    ),
)

# A version that was loaded by the installation itself is born published; all others go through a second person.
DOCUMENT = StateMachine(
    table="regulations_documentversion",
    initial=("draft", "published"),
    moves=(
        Move(Act.DOCUMENT_HAND_IN, ("draft",), "in_review"),
        Move(Act.DOCUMENT_REVIEW, ("in_review",), "reviewed"),
        Move(Act.DOCUMENT_RETURN, ("in_review", "reviewed"), "draft"),
        Move(Act.DOCUMENT_PUBLISH, ("reviewed",), "published"),
    ),
)

# One version of a target system's rules is in force at a time; the next one supersedes it in the same moment.
RULES = StateMachine(
    table="regulations_targetsystemversion",
    initial=("draft",),
    moves=(
        Move(Act.RULES_ACTIVATE, ("draft",), "in_force"),
        Move(Act.RULES_SUPERSEDE, ("in_force",), "superseded"),
    ),
)
