"""The examples of the README run as they stand there."""

import io
import re
import unittest
from contextlib import redirect_stdout
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


class Readme(unittest.TestCase):
    def setUp(self):
        self.examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)

    def test_the_application_is_protected(self):
        names = {"__name__": "readme"}
        exec(self.examples[0], names)
        said = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/login",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
        }
        self.assertEqual(names["application"](environ, lambda *words: said.append(words)), [b"welcome\n"])
        environ["HTTP_USER_AGENT"] = "dd-test-scanner-log-block"
        names["application"](environ, lambda *words: said.append(words))
        self.assertEqual([words[0] for words in said], ["200 OK", "403 Forbidden"])

    def test_the_engine_answers(self):
        with redirect_stdout(io.StringIO()) as out:
            exec(self.examples[1], {})
        self.assertEqual(out.getvalue(), "blocked by probe\n")
        self.assertEqual(len(self.examples), 2, "an example without a test")


if __name__ == "__main__":
    unittest.main()
