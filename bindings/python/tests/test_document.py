"""What is encoded and decoded; needs no engine."""

import unittest

from bartizan._document import decode, encode


class Documents(unittest.TestCase):
    def test_values_become_json(self):
        cases = [
            ({"a": [1, -2, 1.5, True, None, "é"]}, '{"a":[1,-2,1.5,true,null,"é"]}'.encode()),
            ('{"a":1}', b'{"a":1}'),
            (b"\x81\xa1a\x01", b"\x81\xa1a\x01"),
            ({"a": "\udce9"}, b'{"a":"\xe9"}'),
            ({"a": "\ud800"}, b'{"a":"\xed\xa0\x80"}'),
            ({"a": float("nan"), "b": float("inf"), "c": 2.0}, b'{"a":null,"b":null,"c":2.0}'),
            ({"a": b"\xff", "b": {1: (2, 3)}}, b'{"a":"\xff","b":{"1":[2,3]}}'),
            ({"a": complex(1, 2)}, b'{"a":"(1+2j)"}'),
        ]
        for value, want in cases:
            self.assertEqual(encode(value), want, value)

    def test_depth_and_circles_end(self):
        deep = []
        for _ in range(100_000):
            deep = [deep]
        circle = {}
        circle["self"] = circle
        for value in ({"a": deep}, circle):
            self.assertLess(len(encode(value)), 1000)

    def test_what_the_engine_wrote_is_read(self):
        self.assertEqual(decode(b'{"v":"\xe9"}'), {"v": "\udce9"})


if __name__ == "__main__":
    unittest.main()
