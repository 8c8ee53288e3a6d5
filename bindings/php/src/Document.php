<?php

declare(strict_types=1);

namespace Bartizan;

/** @internal Values on their way into the engine, and results on their way out. */
final class Document
{
    private const JSON = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;

    /** The engine reads documents to a depth of 20. */
    private const MAX_DEPTH = 24;

    /** Text is a document as it is (JSON, MessagePack, a compiled bundle); any other value becomes one. */
    public static function encode(mixed $document): string
    {
        if (is_string($document)) {
            return $document;
        }
        if ($document === []) {
            return '{}';
        }
        // Bytes that are no UTF-8, infinities and very deep values are beyond JSON; MessagePack takes longer in PHP.
        $json = json_encode($document, self::JSON);
        if ($json !== false) {
            return $json;
        }
        $out = '';
        self::write($document, $out, 1);
        return $out;
    }

    public static function decode(string $document): mixed
    {
        return json_decode($document, true, 512, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
    }

    private static function write(mixed $value, string &$out, int $depth): void
    {
        if ($value instanceof \JsonSerializable) {
            $value = $value->jsonSerialize();
        }
        if ($value instanceof \BackedEnum) {
            $value = $value->value;
        }
        match (true) {
            is_string($value) => $out .= self::head(strlen($value), 0xa0, 31, 0xd9, 0xda) . $value,
            is_int($value) => $out .= $value >= 0 && $value < 128 ? chr($value) : "\xd3" . pack('J', $value),
            is_float($value) => $out .= "\xcb" . pack('E', $value),
            is_bool($value) => $out .= $value ? "\xc3" : "\xc2",
            is_object($value) => self::writeMap(get_object_vars($value), $out, $depth),
            is_array($value) && array_is_list($value) => self::writeList($value, $out, $depth),
            is_array($value) => self::writeMap($value, $out, $depth),
            default => $out .= "\xc0",
        };
    }

    private static function writeList(array $items, string &$out, int $depth): void
    {
        $items = $depth > self::MAX_DEPTH ? [] : $items;
        $out .= self::head(count($items), 0x90, 15, 0, 0xdc);
        foreach ($items as $item) {
            self::write($item, $out, $depth + 1);
        }
    }

    private static function writeMap(array $items, string &$out, int $depth): void
    {
        $items = $depth > self::MAX_DEPTH ? [] : $items;
        $out .= self::head(count($items), 0x80, 15, 0, 0xde);
        foreach ($items as $key => $item) {
            self::write((string) $key, $out, $depth + 1);
            self::write($item, $out, $depth + 1);
        }
    }

    /** A type and a length: in one byte up to $small, then after $byte (if there is such a type), $wide, $wide + 1. */
    private static function head(int $length, int $type, int $small, int $byte, int $wide): string
    {
        return match (true) {
            $length <= $small => chr($type | $length),
            $length <= 0xff && $byte !== 0 => chr($byte) . chr($length),
            $length <= 0xffff => chr($wide) . pack('n', $length),
            default => chr($wide + 1) . pack('N', $length),
        };
    }
}
