"""A method of a library that the project marks, and that the library calls."""

import calendar

from ginger_async_safe import async_unsafe

async_unsafe.guard(calendar.TextCalendar, "formatmonth")


async def main():
    made = calendar.TextCalendar()
    made.formatmonthname(2020, 1, 10)
    made.formatmonth(2020, 1)  # BLOCKS: marked:calendar.TextCalendar.formatmonth
    calendar.HTMLCalendar().formatmonth(2020, 1)
