"""The words and forms in which each language says days, clock times and lengths of time."""

from collections.abc import Mapping
from typing import Final

LOCALES: Final = {"en": "en_GB", "fa": "fa", "hy": "hy", "zh-hans": "zh_Hans_CN"}

MONTHS_EN: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MONTHS_JALALI: Final = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
MONTHS_HY: Final = (
    *("հունվար", "փետրվար", "մարտ", "ապրիլ", "մայիս", "հունիս"),
    *("հուլիս", "օգոստոս", "սեպտեմբեր", "հոկտեմբեր", "նոյեմբեր", "դեկտեմբեր"),
)
MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": MONTHS_EN,
    "fa": MONTHS_JALALI,
    "hy": MONTHS_HY,
    "zh-hans": tuple(f"{month}月" for month in range(1, 13)),
}
WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
    "hy": ("երկուշաբթի", "երեքշաբթի", "չորեքշաբթի", "հինգշաբթի", "ուրբաթ", "շաբաթ", "կիրակի"),
    "zh-hans": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
DATES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "short": "{number:02}/{month:02}/{year}",
        "long": "{number} {name} {year}",
        "full": "{weekday} {number} {name} {year}",
        "day": "{weekday} {number} {name}",
    },
    "fa": {
        "short": "{year}/{month:02}/{number:02}",
        "long": "{number} {name} {year}",
        "full": "{weekday} {number} {name} {year}",
        "day": "{weekday} {number} {name}",
    },
    "hy": {
        "short": "{number:02}.{month:02}.{year}",
        "long": "{year} թ. {name}ի {number}",
        "full": "{year} թ. {name}ի {number}, {weekday}",
        "day": "{weekday}, {name}ի {number}",
    },
    "zh-hans": {
        "short": "{year}/{month:02}/{number:02}",
        "long": "{year}年{month}月{number}日",
        "full": "{year}年{month}月{number}日{weekday}",
        "day": "{month}月{number}日{weekday}",
    },
}

CLOCK: Final = {"en": "{time}", "fa": "ساعت {time}", "hy": "ժամը {time}", "zh-hans": "{time}"}
DAY_AND_CLOCK: Final = {
    "en": "{day}, {clock}",
    "fa": "{day}، {clock}",
    "hy": "{day}, {clock}",
    "zh-hans": "{day}{clock}",
}
ZONE: Final = {"en": "{city} time", "fa": "به وقت {city}", "hy": "{city}", "zh-hans": "{city}时间"}
WITH_ZONE: Final = {
    "en": "{said} {zone}",
    "fa": "{said} {zone}",
    "hy": "{said} ({zone})",
    "zh-hans": "{said}（{zone}）",
}
BEIJING: Final = {"en": "Beijing", "fa": "پکن", "hy": "Պեկին", "zh-hans": "北京"}

BETWEEN: Final = {
    "en": "between {low} and {high}",
    "fa": "بین ساعت {low} و {high}",
    "hy": "ժամը {low}-ից մինչև {high}",
    "zh-hans": "{low}至{high}之间",
}
BETWEEN_DAYS: Final = {
    "en": "between {low} and {high}",
    "fa": "از {low} تا {high}",
    "hy": "սկսած {low}, մինչև {high}",
    "zh-hans": "{low}至{high}之间",
}
UNTIL: Final = {
    "en": "any time until {high}",
    "fa": "از همین حالا تا {high}",
    "hy": "այս պահից մինչև {high}",
    "zh-hans": "从现在到{high}",
}

ANY_MOMENT: Final = {"en": "any moment now", "fa": "همین حالا", "hy": "հիմա", "zh-hans": "马上"}
IN_ABOUT: Final = {
    "en": {
        "minute": "in about a minute",
        "minutes": "in about {number} minutes",
        "hour": "in about an hour",
        "hours": "in about {number} hours",
        "half": "in about an hour and a half",
        "halves": "in about {number} and a half hours",
        "day": "in about a day",
        "days": "in about {number} days",
    },
    "fa": {
        "minute": "حدود یک دقیقهٔ دیگر",
        "minutes": "حدود {number} دقیقهٔ دیگر",
        "hour": "حدود یک ساعت دیگر",
        "hours": "حدود {number} ساعت دیگر",
        "half": "حدود یک ساعت و نیم دیگر",
        "halves": "حدود {number} ساعت و نیم دیگر",
        "day": "حدود یک روز دیگر",
        "days": "حدود {number} روز دیگر",
    },
    "hy": {
        "minute": "մոտ մեկ րոպեից",
        "minutes": "մոտ {number} րոպեից",
        "hour": "մոտ մեկ ժամից",
        "hours": "մոտ {number} ժամից",
        "half": "մոտ մեկուկես ժամից",
        "halves": "մոտ {word} ժամից",
        "day": "մոտ մեկ օրից",
        "days": "մոտ {number} օրից",
    },
    "zh-hans": {
        "minute": "大约1分钟后",
        "minutes": "大约{number}分钟后",
        "hour": "大约1小时后",
        "hours": "大约{number}小时后",
        "half": "大约1个半小时后",
        "halves": "大约{number}个半小时后",
        "day": "大约1天后",
        "days": "大约{number}天后",
    },
}
ABOUT: Final = {
    "en": {
        "minute": "about a minute",
        "minutes": "about {number} minutes",
        "hour": "about an hour",
        "hours": "about {number} hours",
        "half": "about an hour and a half",
        "halves": "about {number} and a half hours",
        "day": "about a day",
        "days": "about {number} days",
    },
    "fa": {
        "minute": "حدود یک دقیقه",
        "minutes": "حدود {number} دقیقه",
        "hour": "حدود یک ساعت",
        "hours": "حدود {number} ساعت",
        "half": "حدود یک ساعت و نیم",
        "halves": "حدود {number} ساعت و نیم",
        "day": "حدود یک روز",
        "days": "حدود {number} روز",
    },
    "hy": {
        "minute": "մոտ մեկ րոպե",
        "minutes": "մոտ {number} րոպե",
        "hour": "մոտ մեկ ժամ",
        "hours": "մոտ {number} ժամ",
        "half": "մոտ մեկուկես ժամ",
        "halves": "մոտ {word} ժամ",
        "day": "մոտ մեկ օր",
        "days": "մոտ {number} օր",
    },
    "zh-hans": {
        "minute": "大约1分钟",
        "minutes": "大约{number}分钟",
        "hour": "大约1小时",
        "hours": "大约{number}小时",
        "half": "大约1个半小时",
        "halves": "大约{number}个半小时",
        "day": "大约1天",
        "days": "大约{number}天",
    },
}
# Armenian says "two and a half" in one word.
HALVES_HY: Final = {2: "երկուսուկես", 3: "երեքուկես", 4: "չորսուկես", 5: "հինգուկես"}

UNITS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {"minute": ("minute", "minutes"), "hour": ("hour", "hours"), "day": ("day", "days")},
    "fa": {"minute": ("دقیقه",), "hour": ("ساعت",), "day": ("روز",)},
    "hy": {"minute": ("րոպե",), "hour": ("ժամ",), "day": ("օր",)},
    "zh-hans": {"minute": ("分钟",), "hour": ("小时",), "day": ("天",)},
}
UP_TO: Final = {
    "en": "up to {high} {unit}",
    "fa": "تا {high} {unit}",
    "hy": "մինչև {high} {unit}",
    "zh-hans": "{high}{unit}以内",
}
FROM_TO: Final = {
    "en": "{low} to {high} {unit}",
    "fa": "{low} تا {high} {unit}",
    "hy": "{low}–{high} {unit}",
    "zh-hans": "{low}到{high}{unit}",
}
ABOUT_FIGURE: Final = {
    "en": "about {high} {unit}",
    "fa": "حدود {high} {unit}",
    "hy": "մոտ {high} {unit}",
    "zh-hans": "大约{high}{unit}",
}
