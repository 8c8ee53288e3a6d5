"""The package on what ships: the library and the module in dist/ (or in the folder $BARTIZAN_DIST)."""

import gc
import os
import re
import threading
import unittest
from pathlib import Path

from bartizan import Builder, Engine, EngineError

DIST = Path(os.environ.get("BARTIZAN_DIST") or Path(__file__).parents[3] / "dist")


def rule(ident, address, regex, **more):
    parameters = {"inputs": [{"address": address}], "regex": regex}
    conditions = [{"operator": "match_regex", "parameters": parameters}]
    return {"id": ident, "name": ident, "tags": {"type": ident}, "conditions": conditions, **more}


RULES = {
    "version": "2.2",
    "rules": [rule("evil", "a", "ev.l", on_match=["block"]), rule("second", "b", "x")],
}


class Checks:
    """What holds for both doors."""

    def load(self, config=RULES):
        builder = Builder(self.engine)
        self.assertTrue(builder.update("rules", config)[0])
        return builder.build()

    def test_version_is_told(self):
        self.assertRegex(self.engine.version, r"^\d+\.\d+\.\d+")

    def test_configuration_is_accepted_refused_and_removed(self):
        builder = Builder(self.engine)
        accepted, diagnostics = builder.update("rules", RULES)
        self.assertTrue(accepted)
        self.assertEqual(diagnostics["rules"]["loaded"], ["evil", "second"])
        accepted, diagnostics = builder.update("rules", {"version": "1.0", "rules": []})
        self.assertFalse(accepted)
        self.assertIn("unsupported schema version", diagnostics["error"])
        self.assertIsNotNone(builder.build(), "what was accepted before is still in force")
        self.assertFalse(builder.update("cut", b'{"rules":')[0])
        self.assertTrue(builder.remove("rules"))
        self.assertFalse(builder.remove("rules"))
        self.assertIsNone(builder.build())
        with self.assertRaises(EngineError) as caught:
            builder.update("", RULES)
        self.assertEqual(caught.exception.code, -1)

    def test_an_instance_tells_what_it_looks_at(self):
        instance = self.load()
        self.assertEqual(sorted(instance.addresses()), ["a", "b"])
        self.assertEqual(instance.actions(), ["block_request"])

    def test_results_come_as_values_and_as_text(self):
        instance = self.load()
        with instance.context() as context:
            self.assertIsNone(context.eval({"a": "fine"}))
            result = context.eval({"a": {"k": ["an evil word"]}}, now=5, entropy=7)
        parameter = result["events"][0]["rule_matches"][0]["parameters"][0]
        self.assertEqual((parameter["key_path"], parameter["highlight"]), (["k", 0], ["evil"]))
        self.assertEqual(result["actions"]["block_request"]["status_code"], 403)
        texts = [instance.context().eval_json('{"a":"evil"}', now=5, entropy=n) for n in (7, 7, 8)]
        # The library measures how long it took, the module has no clock.
        texts = [re.sub(rb'"duration":\d+', b"", text) for text in texts]
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])
        self.assertIn(b'"id":"evil"', texts[0])

    def test_every_kind_of_document_is_taken(self):
        for document in ({"a": "evil"}, '{"a":"evil"}', b'{"a":"evil"}', b"\x81\xa1a\xa4evil"):
            self.assertIsNotNone(self.load().context().eval(document), document)
        batches = [{"a": "fine"}, {"b": "x"}]
        self.assertEqual(self.load().context().eval(batches, batches=True)["evaluated"], 2)
        for document in (batches, '"text"', b"{", b""):
            with self.assertRaises(EngineError) as caught:
                self.load().context().eval(document)
            self.assertIn(caught.exception.code, (-1, -2), document)

    def test_bytes_that_are_not_utf_8_come_back(self):
        instance = self.load({"version": "2.2", "rules": [rule("r", "a", "evil")]})
        for text in ("evil\udce9", "evil\ud800"):
            found = instance.context().eval({"a": text})
            value = found["events"][0]["rule_matches"][0]["parameters"][0]["value"]
            self.assertEqual(value.encode("utf-8", "surrogateescape")[:4], b"evil")
            self.assertGreater(len(value), 4)

    def test_a_subcontext_keeps_what_it_finds(self):
        parent = self.load().context()
        parent.eval({"b": "x"})
        child = parent.subcontext()
        self.assertIsNone(child.eval({"b": "x"}), "the parent has reported it")
        self.assertIsNotNone(child.eval({"a": "evil"}))
        self.assertIsNotNone(parent.eval({"a": "evil"}), "nothing flows back")

    def test_a_budget_ends_an_evaluation(self):
        result = self.load().context().eval({"a": "evil"}, budget=0)
        self.assertTrue(result is None or result["timeout"])

    def test_lifetimes_do_not_depend_on_each_other(self):
        instance = self.load()
        context = instance.context()
        child = context.subcontext()
        instance.close()
        context.close()
        context.close()
        gc.collect()
        self.assertIsNotNone(child.eval({"a": "evil"}))
        for use in (lambda: context.eval({}), instance.context):
            with self.assertRaises(ValueError):
                use()

    def test_documents_of_any_size_pass(self):
        big = [rule(f"r{i}", "a", f"word{i}x") for i in range(2000)]
        instance = self.load({"version": "2.2", "rules": big})
        self.assertIsNotNone(instance.context().eval({"a": "y" * 1_000_000 + "word1999x"}))
        self.assertIsNotNone(instance.context().eval({"a": "word7x"}))

    def test_threads_have_contexts_of_their_own(self):
        instance = self.load()
        found = []

        def work():
            for _ in range(50):
                with instance.context() as context:
                    found.append(context.eval({"a": "evil"}) is not None and context.eval({"b": "y"}) is None)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [True] * 200)


class Native(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine.native(DIST / "libbartizan.so")


class Wasm(Checks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine.wasm(DIST / "bartizan.wasm")

    def test_a_trap_breaks_the_engine_and_nothing_else(self):
        engine = Engine.wasm(DIST / "bartizan.wasm")
        builder = Builder(engine)
        self.assertTrue(builder.update("rules", RULES)[0])
        context = builder.build().context()
        with self.assertRaises(EngineError):
            # A handle that leads out of the memory.
            engine.call("bartizan_context_eval", 0xFFFF0000 - 2**32, b"{}", 0, 0, 0, 0)
        with self.assertRaises(EngineError):
            context.eval({"a": "evil"})
        context.close()
        self.assertIsNotNone(Wasm.load(self).context().eval({"a": "evil"}))


if __name__ == "__main__":
    unittest.main()
