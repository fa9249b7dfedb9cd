"""Messages to tap on the phone's page: how people write, with Arabic letters, Finglish and all."""

from typing import Final, NamedTuple


class Sample(NamedTuple):
    """One message, and a word for its button."""

    title: str
    text: str


SAMPLES: Final = (
    Sample("مستمری", "سلام ما به التفاوت متناسب سازي بازنشسته ها كي واریز میشه؟ یکجا میدن یا قسطی"),
    Sample("سابقهٔ بیمه", "سلام. سال ۸۷ تا ۸۹ عسلویه کار کردم ولی تو سوابقم فقط ۴ ماهش اومده. چطور ثابت کنم؟"),
    Sample("شکایت", "حق بيمه م هر ماه داره كسر ميشه باز منشي دكتر ميگه استحقاق درمان نداري. ٣ بار شده اين!"),
    Sample("بازرسی", "تو شهرك صنعتي ما يه كارگاه ١٥ تا كارگر داره هيچكدوم بيمه نيستن. لطفا بازرس بفرستيد"),
    Sample("پیگیری", "مدارک کمک هزینه ازدواجو ۶ مهر فرستادم هنوز زده در حال بررسی. چی شد نتیجش؟"),
    Sample("فینگلیش", "salam bebakhshid kalabarge in mah key sharj mishe?"),
    Sample("قدردانی", "بیمه بیکاریم خیلی زود برقرار شد، خدا خیرتون بده 🌹"),
    Sample("لغو", "لغو"),
)
