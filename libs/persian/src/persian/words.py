"""What people and staff call our terms, in Persian and English: one table a term, total."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from envelope.models import Channel, DeliveryState, Language
from envelope.taxonomy import Audience, Kind, Section, Topic


class Word(NamedTuple):
    """One term in both languages."""

    fa: str
    en: str

    def of(self, language: str) -> str:
        """In a language."""
        return self.en if language == Language.EN else self.fa


WORDS: Final[Mapping[type[StrEnum], Mapping[str, Word]]] = {
    Section: {
        Section.INSURANCE: Word("بیمه‌ای", "Insurance"),
        Section.TREATMENT: Word("درمانی", "Treatment"),
        Section.RETIREMENT: Word("بازنشستگی", "Retirement"),
        Section.GENERAL: Word("عمومی", "General"),
    },
    Topic: {
        Topic.CONTRIBUTION_RECORD: Word("سابقه بیمه", "Contribution record"),
        Topic.OPTIONAL_INSURANCE: Word("بیمه خویش‌فرما و اختیاری", "Optional insurance"),
        Topic.UNEMPLOYMENT: Word("بیمه بیکاری", "Unemployment insurance"),
        Topic.EMPLOYER_LIST: Word("لیست و حق بیمه کارفرما", "Employer's list and premium"),
        Topic.UNINSURED_WORK: Word("بیمه نکردن توسط کارفرما", "Uninsured work"),
        Topic.SHORT_TERM_BENEFIT: Word("غرامت دستمزد و کمک‌هزینه‌ها", "Short-term benefits"),
        Topic.SUPPORT_BASKET: Word("سبد حمایتی و یارانه", "Support basket"),
        Topic.E_PRESCRIPTION: Word("نسخه الکترونیک", "Electronic prescription"),
        Topic.TREATMENT_ELIGIBILITY: Word("استحقاق درمان", "Treatment eligibility"),
        Topic.HOSPITAL_SERVICE: Word("بیمارستان و درمانگاه ملکی", "Hospitals and clinics"),
        Topic.MEDICAL_EXPENSE: Word("هزینه درمان و بیمه تکمیلی", "Medical expenses"),
        Topic.RETIREMENT_APPLICATION: Word("شرایط و برقراری بازنشستگی", "Retirement application"),
        Topic.PENSION_PAYMENT: Word("واریز و فیش مستمری", "Pension payment"),
        Topic.SURVIVOR_PENSION: Word("مستمری بازماندگان", "Survivors' pension"),
        Topic.DISABILITY_PENSION: Word("ازکارافتادگی", "Disability pension"),
        Topic.PENSIONER_WELFARE: Word("وام و رفاهی بازنشستگان", "Pensioners' welfare"),
        Topic.ONLINE_ACCOUNT: Word("حساب و خدمات غیرحضوری", "Online account"),
        Topic.BRANCH_SERVICE: Word("شعبه و کارگزاری", "Branch service"),
        Topic.OTHER: Word("سایر", "Other"),
    },
    Kind: {
        Kind.QUESTION: Word("سؤال", "Question"),
        Kind.COMPLAINT: Word("شکایت", "Complaint"),
        Kind.SUGGESTION: Word("پیشنهاد", "Suggestion"),
        Kind.REQUEST: Word("درخواست", "Request"),
        Kind.STATUS_INQUIRY: Word("پیگیری", "Follow-up"),
        Kind.APPRECIATION: Word("قدردانی", "Appreciation"),
    },
    Audience: {
        Audience.INSURED: Word("بیمه‌شده", "Insured"),
        Audience.PENSIONER: Word("مستمری‌بگیر", "Pensioner"),
        Audience.SURVIVOR: Word("بازمانده", "Survivor"),
        Audience.EMPLOYER: Word("کارفرما", "Employer"),
        Audience.UNKNOWN: Word("نامشخص", "Unknown"),
    },
    Channel: {
        Channel.SMS: Word("پیامک", "SMS"),
        Channel.USSD: Word("کد دستوری", "USSD"),
        Channel.VOICE: Word("پیام صوتی", "Voice message"),
        Channel.PORTAL: Word("پورتال", "Portal"),
        Channel.API: Word("سامانه دیگر", "Another service"),
        Channel.PHONE: Word("تلفن", "Telephone"),
        Channel.IN_PERSON: Word("حضوری", "In person"),
    },
    DeliveryState: {
        DeliveryState.PENDING: Word("در صف ارسال", "Waiting"),
        DeliveryState.QUEUED: Word("نزد سرویس‌دهنده", "With the provider"),
        DeliveryState.SENT: Word("نزد اپراتور", "With the operator"),
        DeliveryState.DELIVERED: Word("رسیده", "Delivered"),
        DeliveryState.UNDELIVERED: Word("نرسیده", "Not delivered"),
        DeliveryState.FAILED: Word("ناموفق", "Failed"),
        DeliveryState.CANCELLED: Word("لغوشده", "Cancelled"),
        DeliveryState.BLOCKED: Word("مسدود از سوی گیرنده", "Blocked by the receiver"),
        DeliveryState.REJECTED: Word("رد شده", "Rejected"),
        DeliveryState.EXPIRED: Word("منقضی", "Expired"),
        DeliveryState.UNKNOWN: Word("نامعلوم", "Unknown"),
    },
}
"""Every term of the envelope that a person reads."""


def word(term: StrEnum, language: str = Language.FA) -> str:
    """A term in a person's language."""
    return WORDS[type(term)][term].of(language)


PROVINCES: Final = (
    *("آذربایجان شرقی", "آذربایجان غربی", "اردبیل", "اصفهان", "البرز", "ایلام", "بوشهر", "تهران"),
    *("چهارمحال و بختیاری", "خراسان جنوبی", "خراسان رضوی", "خراسان شمالی", "خوزستان", "زنجان", "سمنان"),
    *("سیستان و بلوچستان", "فارس", "قزوین", "قم", "کردستان", "کرمان", "کرمانشاه", "کهگیلویه و بویراحمد"),
    *("گلستان", "گیلان", "لرستان", "مازندران", "مرکزی", "هرمزگان", "همدان", "یزد"),
)
"""The 31 provinces, by their Persian names, as `declared.province` holds them."""
