from tests.e2e.network import make_table


def test_the_table_is_as_the_tests_have_it():
    told = make_table.README.read_text(encoding="utf-8")
    assert told == make_table.text(), "python -m tests.e2e.network.make_table"
