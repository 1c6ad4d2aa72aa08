"""Named instants. A test sets its clock to one of these and says by the name why that moment matters.

Times are Tokyo's, as people there would say them: `with time_machine.travel(FRIDAY_17_59, tick=False): …`.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

# An ordinary week: November 16 to 20, 2026; Monday the 23rd is a national holiday.
MONDAY_9_00 = datetime(2026, 11, 16, 9, 0, tzinfo=TOKYO)
WEDNESDAY_11_00 = datetime(2026, 11, 18, 11, 0, tzinfo=TOKYO)
FRIDAY_17_59 = datetime(2026, 11, 20, 17, 59, tzinfo=TOKYO)
FRIDAY_18_01 = datetime(2026, 11, 20, 18, 1, tzinfo=TOKYO)
SATURDAY_3_00 = datetime(2026, 11, 21, 3, 0, tzinfo=TOKYO)
TUESDAY_AFTER_THE_HOLIDAY_9_00 = datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)

# The turn of the year: the call center is closed from December 30 to January 4 (O-1.7).
DECEMBER_29_17_59 = datetime(2026, 12, 29, 17, 59, tzinfo=TOKYO)
DECEMBER_29_18_01 = datetime(2026, 12, 29, 18, 1, tzinfo=TOKYO)
JANUARY_5_9_00 = datetime(2027, 1, 5, 9, 0, tzinfo=TOKYO)

# The turn of the year before it, for trying the hours to the minute: a Monday, and the Monday after the holidays.
MONDAY_DECEMBER_29_17_59 = datetime(2025, 12, 29, 17, 59, tzinfo=TOKYO)
MONDAY_DECEMBER_29_18_00 = datetime(2025, 12, 29, 18, 0, tzinfo=TOKYO)
MONDAY_DECEMBER_29_18_01 = datetime(2025, 12, 29, 18, 1, tzinfo=TOKYO)
MONDAY_JANUARY_5_8_59 = datetime(2026, 1, 5, 8, 59, tzinfo=TOKYO)
MONDAY_JANUARY_5_9_00 = datetime(2026, 1, 5, 9, 0, tzinfo=TOKYO)
TUESDAY_JANUARY_6_9_00 = datetime(2026, 1, 6, 9, 0, tzinfo=TOKYO)

# Golden week: April 29 to May 6 (a substitute holiday among them), and May 1, a day off of the office.
APRIL_30_18_01 = datetime(2026, 4, 30, 18, 1, tzinfo=TOKYO)
MAY_7_9_00 = datetime(2026, 5, 7, 9, 0, tzinfo=TOKYO)

# The last second of a contract that ends on March 31, and the first one after it (O-18.1).
MARCH_31_LAST_SECOND = datetime(2027, 3, 31, 23, 59, 59, tzinfo=TOKYO)
APRIL_1_MIDNIGHT = datetime(2027, 4, 1, 0, 0, 0, tzinfo=TOKYO)
