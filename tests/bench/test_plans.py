"""The page of query plans keeps the work and leaves out the machine."""

import pytest

from tests.bench.plans import shortened, tidy

PLAN = """\
Limit (actual rows=31.00 loops=1)
  Buffers: shared hit=24 read=3 dirtied=1
  ->  Index Scan using cases_due on cases (actual rows=31.00 loops=1)
        Index Cond: ((desk = 'insurance'::text) AND (due_at > '2026-11-22 08:00:00+00'::timestamptz))
        Filter: (id = '0b0e6b3e-7b44-4b62-9f39-0d1c1f6e8a11'::uuid)
        Index Searches: 1
        Buffers: shared hit=24
        SubPlan 2
          ->  Index Scan using referral_case_id on referral (never executed)
                Index Cond: (case_id = cases.id)
  ->  Index Scan using message_case on message (actual rows=1.00 loops=31)
Planning:
  Buffers: shared hit=246
"""


def test_a_plan_keeps_rows_loops_conditions_and_the_buffers_of_the_whole():
    assert shortened(PLAN.splitlines()) == (
        "Limit (actual rows=31)\n"
        "  Buffers: shared hit=24 read=3\n"
        "  ->  Index Scan using cases_due on cases (actual rows=31)\n"
        "        Index Cond: ((desk = 'insurance'::text) AND (due_at > '…'::timestamptz))\n"
        "        Filter: (id = '…'::uuid)\n"
        "        SubPlan 2\n"
        "  ->  Index Scan using message_case on message (actual rows=1 loops=31)\n"
    )


@pytest.mark.parametrize("value", ["'+989090001420'", "'9990001234'", "'{one,two}'"])
def test_a_plan_tells_nobody_s_number_and_no_list_of_values(value: str):
    assert value not in shortened([f"Index Cond: (value = {value}::text)"])


def test_no_line_of_a_plan_is_wider_than_a_screen():
    assert all(len(line) <= 121 for line in shortened(["Filter: " + "x" * 500]).splitlines())


def test_a_statement_is_told_in_lines_with_its_columns_shortened():
    assert tidy("SELECT a.one, a.two, a.three, a.four, a.five, a.six, a.seven FROM a JOIN b ON true") == (
        "SELECT a.one, a.two, a.three, …, a.seven\nFROM a\nJOIN b ON true"
    )
