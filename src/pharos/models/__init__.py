"""The nouns: tables, states and constraints."""

from pharos.models.behalf import Behalf, Enquiry
from pharos.models.chats import Chat
from pharos.models.contacts import Channel, Contact, ContactEvent, Lane, Override, Promise, Submission
from pharos.models.cues import Cue, SignalVerdict
from pharos.models.entries import EntryPoint
from pharos.models.identity import IdentityCheck
from pharos.models.incidents import Advisory, Incident, IncidentEvent, IncidentText, PageSection
from pharos.models.likeness import PersonKey
from pharos.models.merges import Merge, NotSame
from pharos.models.messages import Attachment, Draft, MailPage, Message
from pharos.models.needs import CheckIn, NeedsKey, NeedView, PageCode, SupportNeed
from pharos.models.offers import GuardBucket, Offer
from pharos.models.organisations import HostName, Kind, OpeningHours, Organisation, Queue, Skill, SpecialDay
from pharos.models.people import Identity, Person
from pharos.models.posts import Post
from pharos.models.quarantine import Quarantined
from pharos.models.search import ContactWords
from pharos.models.staff import Agent, AgentSkill, ApiToken, OneTimeLink, Role, User
from pharos.models.texts import Enclosure, OptOut
from pharos.models.watch import Alarm, LiveEvent, LookAhead, Loop, StaffMail, WaitEstimate, WaitReading
from pharos.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "Advisory",
    "Agent",
    "AgentSkill",
    "Alarm",
    "ApiToken",
    "Attachment",
    "Behalf",
    "Channel",
    "Chat",
    "CheckIn",
    "Contact",
    "ContactEvent",
    "ContactWords",
    "Cue",
    "Draft",
    "Enclosure",
    "Enquiry",
    "EntryPoint",
    "GuardBucket",
    "HostName",
    "Identity",
    "IdentityCheck",
    "Incident",
    "IncidentEvent",
    "IncidentText",
    "Kind",
    "Lane",
    "LiveEvent",
    "LookAhead",
    "Loop",
    "MailPage",
    "Merge",
    "Message",
    "NeedView",
    "NeedsKey",
    "NotSame",
    "Offer",
    "OneTimeLink",
    "OpeningHours",
    "OptOut",
    "Organisation",
    "Override",
    "PageCode",
    "PageSection",
    "Person",
    "PersonKey",
    "Post",
    "Promise",
    "Quarantined",
    "Queue",
    "Role",
    "SignalVerdict",
    "Skill",
    "SpecialDay",
    "StaffMail",
    "Submission",
    "SupportNeed",
    "User",
    "WaitEstimate",
    "WaitReading",
    "Webhook",
    "WebhookDelivery",
]  # fmt: skip
