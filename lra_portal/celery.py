"""Background processes: which queue a task goes to, and the sweeps that find what a lost nudge left.

Three queues, three kinds of process: `work` (mail, images), `signing` (certificates) and
`publishing` (CRLs, responder certificates, seals), so that no batch of certificates delays a revocation.
"""

from celery import Celery

app = Celery("lra_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_default_queue = "work"
app.conf.task_routes = {
    "certificates.check": {"queue": "work"},
    "certificates.print_letters": {"queue": "work"},
    "certificates.watch_seals": {"queue": "work"},
    "certificates.seal": {"queue": "publishing"},
    "certificates.*": {"queue": "signing"},
    "revocation.examine": {"queue": "work"},
    "revocation.mass": {"queue": "work"},
    "revocation.ask_responder": {"queue": "work"},
    "revocation.*": {"queue": "publishing"},
    "accounts.*": {"queue": "work"},
    "regulations.*": {"queue": "work"},
    "applications.*": {"queue": "work"},
    "support_desk.*": {"queue": "work"},
}
app.conf.beat_schedule = {
    "sign what waits": {"task": "certificates.sign_batch", "schedule": 15.0},
    "find lost intents": {"task": "certificates.sweep", "schedule": 30.0},
    "publish what is due": {"task": "revocation.sweep", "schedule": 10.0},
    "seal the evidence": {"task": "certificates.seal", "schedule": 3.0},
    "look at the seals": {"task": "certificates.watch_seals", "schedule": 10.0},
    "revoke many": {"task": "revocation.mass", "schedule": 10.0},
    "ask the responder": {"task": "revocation.ask_responder", "schedule": 60.0},
    "examine what is published": {"task": "revocation.examine", "schedule": 3600.0},
    "send what waits": {"task": "accounts.send_notices", "schedule": 10.0},
    "forget what is over": {"task": "accounts.forget", "schedule": 3600.0},
    "let tickets follow the calendar": {"task": "support_desk.follow_calendar", "schedule": 300.0},
    "take in mail": {"task": "support_desk.take_mail", "schedule": 20.0},
    "look at promises of the desk": {"task": "support_desk.sweep", "schedule": 60.0},
    "follow contracts": {"task": "applications.follow_contracts", "schedule": 30.0},
    "read files of applications": {"task": "applications.read_batches", "schedule": 10.0},
    "work on many lines": {"task": "applications.work_on_batch_tasks", "schedule": 10.0},
    "read contract files": {"task": "regulations.read_contract_files", "schedule": 10.0},
    "write about documents": {"task": "applications.write_advance_notices", "schedule": 15.0},
    "offer reissues": {"task": "applications.write_offers", "schedule": 30.0},
    "remind holders": {"task": "applications.remind_holders", "schedule": 60.0},
    "look at what is stored": {"task": "certificates.check", "schedule": 60.0},
    "print letters": {"task": "certificates.print_letters", "schedule": 30.0},
    "end retention": {"task": "applications.end_retention", "schedule": 3600.0},
    "look at deadlines": {"task": "applications.sweep", "schedule": 60.0},
}
