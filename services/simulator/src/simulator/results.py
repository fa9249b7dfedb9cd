"""Kavenegar's result codes (table 1 of its document), each with the Persian sentence that goes with it."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class ResultCode(IntEnum):
    """What Kavenegar answers to a call; it is also the HTTP status of the answer."""

    OK = 200
    INCOMPLETE = 400
    ACCOUNT_DISABLED = 401
    FAILED = 402
    WRONG_KEY = 403
    UNKNOWN_METHOD = 404
    WRONG_VERB = 405
    EMPTY_PARAMETER = 406
    NO_ACCESS = 407
    BUSY = 409
    BAD_RECEPTOR = 411
    BAD_SENDER = 412
    BAD_MESSAGE = 413
    TOO_MANY_RECORDS = 414
    START_TOO_LARGE = 415
    WRONG_IP = 416
    BAD_DATE = 417
    NO_CREDIT = 418
    UNEQUAL_ARRAYS = 419
    LINK_REFUSED = 420
    BAD_CHARACTER = 422
    TEMPLATE_NOT_FOUND = 424
    NEEDS_ADVANCED = 426
    LINE_NEEDS_ACCESS = 427
    NO_VOICE = 428
    IP_LIMITED = 429
    BAD_TOKEN = 431
    TOKEN_MISSING = 432
    TOO_MANY_CALLS = 451
    TEST_MODE = 501
    TOO_MANY_NUMBERS = 604
    BAD_TAG = 607


MESSAGES: Final[Mapping[ResultCode, str]] = {
    ResultCode.OK: "تایید شد",
    ResultCode.INCOMPLETE: "پارامترها ناقص هستند",
    ResultCode.ACCOUNT_DISABLED: "حساب کاربری غیرفعال شده است",
    ResultCode.FAILED: "عملیات ناموفق بود",
    ResultCode.WRONG_KEY: "کد شناسائی API-Key معتبر نمی‌باشد",
    ResultCode.UNKNOWN_METHOD: "متد تعریف نشده است",
    ResultCode.WRONG_VERB: "متد Get/Post اشتباه است",
    ResultCode.EMPTY_PARAMETER: "پارامترهای اجباری خالی ارسال شده اند",
    ResultCode.NO_ACCESS: "دسترسی به اطلاعات مورد نظر برای شما امکان پذیر نیست",
    ResultCode.BUSY: "سرور قادر به پاسخگوئی نیست بعدا تلاش کنید",
    ResultCode.BAD_RECEPTOR: "دریافت کننده نامعتبر است",
    ResultCode.BAD_SENDER: "ارسال کننده نامعتبر است",
    ResultCode.BAD_MESSAGE: "پیام خالی است و یا طول پیام بیش از حد مجاز می‌باشد",
    ResultCode.TOO_MANY_RECORDS: "حجم درخواست بیشتر از حد مجاز است",
    ResultCode.START_TOO_LARGE: "اندیس شروع بزرگ تر از کل تعداد شماره های مورد نظر است",
    ResultCode.WRONG_IP: "IP سرویس مبدا با تنظیمات مطابقت ندارد",
    ResultCode.BAD_DATE: "تاریخ ارسال اشتباه است و فرمت آن صحیح نمی باشد",
    ResultCode.NO_CREDIT: "اعتبار شما کافی نمی‌باشد",
    ResultCode.UNEQUAL_ARRAYS: "طول آرایه متن و گیرنده و فرستنده هم اندازه نیست",
    ResultCode.LINK_REFUSED: "استفاده از لینک در متن پیام برای شما محدود شده است",
    ResultCode.BAD_CHARACTER: "داده ها به دلیل وجود کاراکتر نامناسب قابل پردازش نیست",
    ResultCode.TEMPLATE_NOT_FOUND: "الگوی مورد نظر پیدا نشد",
    ResultCode.NEEDS_ADVANCED: "استفاده از این متد نیازمند سرویس پیشرفته می‌باشد",
    ResultCode.LINE_NEEDS_ACCESS: "استفاده از این خط نیازمند ایجاد سطح دسترسی می باشد",
    ResultCode.NO_VOICE: "ارسال کد از طریق تماس تلفنی امکان پذیر نیست",
    ResultCode.IP_LIMITED: "IP محدود شده است",
    ResultCode.BAD_TOKEN: "ساختار کد صحیح نمی‌باشد",
    ResultCode.TOKEN_MISSING: "پارامتر کد در متن پیام پیدا نشد",
    ResultCode.TOO_MANY_CALLS: "فراخوانی بیش از حد در بازه زمانی مشخص IP محدود شده",
    ResultCode.TEST_MODE: "فقط امکان ارسال پیام تست به شماره صاحب حساب کاربری وجود دارد",
    ResultCode.TOO_MANY_NUMBERS: "تعداد شماره‌های ارسالی بیش از حد مجاز است",
    ResultCode.BAD_TAG: "نام تگ انتخابی اشتباه است",
}
