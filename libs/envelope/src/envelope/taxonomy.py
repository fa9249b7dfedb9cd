"""The words of the brief: sections, topics, kinds, audiences, and which section a topic is of."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Section(StrEnum):
    """The three sections that answer, and what belongs to none of them."""

    INSURANCE = "insurance"
    TREATMENT = "treatment"
    RETIREMENT = "retirement"
    GENERAL = "general"


class Topic(StrEnum):
    """What a message is about (`brief.md`, Subjects)."""

    CONTRIBUTION_RECORD = "contribution_record"
    OPTIONAL_INSURANCE = "optional_insurance"
    UNEMPLOYMENT = "unemployment"
    EMPLOYER_LIST = "employer_list"
    UNINSURED_WORK = "uninsured_work"
    SHORT_TERM_BENEFIT = "short_term_benefit"
    SUPPORT_BASKET = "support_basket"
    E_PRESCRIPTION = "e_prescription"
    TREATMENT_ELIGIBILITY = "treatment_eligibility"
    HOSPITAL_SERVICE = "hospital_service"
    MEDICAL_EXPENSE = "medical_expense"
    RETIREMENT_APPLICATION = "retirement_application"
    PENSION_PAYMENT = "pension_payment"
    SURVIVOR_PENSION = "survivor_pension"
    DISABILITY_PENSION = "disability_pension"
    PENSIONER_WELFARE = "pensioner_welfare"
    ONLINE_ACCOUNT = "online_account"
    BRANCH_SERVICE = "branch_service"
    OTHER = "other"


class Kind(StrEnum):
    """What the person wants by it."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    REQUEST = "request"
    STATUS_INQUIRY = "status_inquiry"
    APPRECIATION = "appreciation"


class Audience(StrEnum):
    """Who the person is to the organisation."""

    INSURED = "insured"
    PENSIONER = "pensioner"
    SURVIVOR = "survivor"
    EMPLOYER = "employer"
    UNKNOWN = "unknown"


SECTION_OF: Final[Mapping[Topic, Section]] = {
    Topic.CONTRIBUTION_RECORD: Section.INSURANCE,
    Topic.OPTIONAL_INSURANCE: Section.INSURANCE,
    Topic.UNEMPLOYMENT: Section.INSURANCE,
    Topic.EMPLOYER_LIST: Section.INSURANCE,
    Topic.UNINSURED_WORK: Section.INSURANCE,
    Topic.SHORT_TERM_BENEFIT: Section.INSURANCE,
    Topic.SUPPORT_BASKET: Section.INSURANCE,
    Topic.E_PRESCRIPTION: Section.TREATMENT,
    Topic.TREATMENT_ELIGIBILITY: Section.TREATMENT,
    Topic.HOSPITAL_SERVICE: Section.TREATMENT,
    Topic.MEDICAL_EXPENSE: Section.TREATMENT,
    Topic.RETIREMENT_APPLICATION: Section.RETIREMENT,
    Topic.PENSION_PAYMENT: Section.RETIREMENT,
    Topic.SURVIVOR_PENSION: Section.RETIREMENT,
    Topic.DISABILITY_PENSION: Section.RETIREMENT,
    Topic.PENSIONER_WELFARE: Section.RETIREMENT,
    Topic.ONLINE_ACCOUNT: Section.GENERAL,
    Topic.BRANCH_SERVICE: Section.GENERAL,
    Topic.OTHER: Section.GENERAL,
}
