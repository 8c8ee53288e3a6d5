<?php

declare(strict_types=1);

namespace Bartizan;

/**
 * @internal Where rules come from: files and folders, which every request looks at (their times, that is), and URLs, which
 * one process of all asks now and then and writes down for the others.
 */
final class Sources
{
    /** What is read of one file or URL at most. */
    private const LIMIT = 16 << 20;

    private const TIMEOUT_S = 10;

    /** Under which a process keeps these rules. */
    public readonly string $name;

    private readonly string $folder;

    public function __construct(private readonly array $settings, string $hash)
    {
        $this->name = "rules $hash " . dirname(__DIR__);
        $own = sys_get_temp_dir() . '/bartizan-' . (function_exists('posix_geteuid') ? posix_geteuid() : get_current_user());
        $this->folder = $settings['state_dir'] !== '' ? $settings['state_dir'] : "$own/" . md5(implode("\n", $settings['rules']));
    }

    /** @return list<string> */
    public function names(): array
    {
        return $this->settings['rules'];
    }

    /** Something that changes when what files hold does. */
    public function stamp(): string
    {
        clearstatcache();
        $stamp = '';
        foreach ($this->names() as $at => $where) {
            foreach (self::isUrl($where) ? [$this->copy($at)] : self::files($where) as $file) {
                foreach ([$file, "$file.sha256"] as $path) {
                    $state = @stat($path);
                    $stamp .= $state === false ? "$path -\n" : "$path {$state['mtime']} {$state['size']} {$state['ino']}\n";
                }
            }
        }
        return $stamp;
    }

    /** All that the sources have, as an offer. */
    public function offer(): array
    {
        $files = [];
        foreach ($this->names() as $at => $where) {
            if (self::isUrl($where)) {
                if (!is_file($this->copy($at))) {
                    $this->fetch($at, $where, null);
                }
                $files[] = ['path' => $where, 'text' => self::read($this->copy($at))];
                continue;
            }
            $found = self::files($where);
            if ($found === []) {
                throw new SourceError("the folder $where has no file *.json");
            }
            foreach ($found as $path) {
                $file = ['path' => $path, 'text' => self::read($path)];
                if (is_file("$path.sha256")) {
                    $file['digest'] = trim((string) file_get_contents("$path.sha256", length: 200));
                }
                $files[] = $file;
            }
        }
        $offer = ['source' => implode(', ', $this->names()), 'files' => $files];
        return count($files) === 1 && isset($files[0]['digest']) ? $offer + ['digest' => $files[0]['digest']] : $offer;
    }

    /** Asks URLs again, when it is time and no other process does. */
    public function poll(Protection $protection): void
    {
        foreach ($this->names() as $at => $where) {
            if (!self::isUrl($where)) {
                continue;
            }
            $lock = $this->lock($at);
            if ($lock === null) {
                continue;
            }
            try {
                $stamp = $this->copy($at) . '.asked';
                clearstatcache();
                if (time() - (int) @filemtime($stamp) >= $this->settings['poll_s']) {
                    touch($stamp);
                    $this->fetch($at, $where, $protection);
                }
            } catch (SourceError $failure) {
                $protection->complain("rules refused: $where: it cannot be read: {$failure->getMessage()}; the last good rules stay");
            } finally {
                flock($lock, LOCK_UN);
            }
        }
    }

    /** Fetches a URL into the folder that all processes read. What is damaged does not get there. */
    private function fetch(int $at, string $where, ?Protection $protection): void
    {
        $copy = $this->copy($at);
        $this->makeFolder();
        $headers = ['Accept: application/json', 'User-Agent: bartizan'];
        $etag = is_file($copy) && is_file("$copy.etag") ? (string) file_get_contents("$copy.etag") : '';
        if ($etag !== '') {
            $headers[] = "If-None-Match: $etag";
        }
        $options = ['http' => ['header' => $headers, 'timeout' => self::TIMEOUT_S, 'ignore_errors' => true]];
        $stream = @fopen($where, 'rb', false, stream_context_create($options));
        if ($stream === false) {
            throw new SourceError(error_get_last()['message'] ?? 'no answer');
        }
        $answer = stream_get_meta_data($stream)['wrapper_data'] ?? [];
        $text = (string) stream_get_contents($stream, self::LIMIT + 1);
        fclose($stream);
        [$status, $told] = self::head($answer);
        if ($status === 304) {
            return;
        }
        if ($status !== 200) {
            throw new SourceError("the server answers $status");
        }
        if (strlen($text) > self::LIMIT) {
            throw new SourceError('there is more than 16 MiB of it');
        }
        if (isset($told['content-length']) && (int) $told['content-length'] !== strlen($text)) {
            throw new SourceError('it is cut off: ' . strlen($text) . " bytes came, {$told['content-length']} were announced");
        }
        $digest = $told['repr-digest'] ?? $told['content-digest'] ?? $told['digest'] ?? null;
        $offer = ['source' => $where, 'files' => [['path' => $where, 'text' => $text]]] + ($digest === null ? [] : ['digest' => $digest]);
        if ($protection !== null && $protection->judge($offer) === null) {
            return;
        }
        if (!is_file($copy) || file_get_contents($copy) !== $text) {
            self::write($copy, $text);
        }
        self::write("$copy.etag", $told['etag'] ?? '');
    }

    /** What was last good, for a start without the sources. */
    public function saved(): ?string
    {
        $file = "{$this->folder}/last-good.json";
        return is_file($file) ? (string) file_get_contents($file) : null;
    }

    public function save(string $saved): void
    {
        if ($this->settings['state_dir'] !== '') {
            $this->makeFolder();
            self::write("{$this->folder}/last-good.json", $saved);
        }
    }

    private function makeFolder(): void
    {
        if (!is_dir($this->folder) && !@mkdir($this->folder, 0700, true) && !is_dir($this->folder)) {
            throw new SourceError("the folder {$this->folder} cannot be made");
        }
    }

    /** @return ?resource */
    private function lock(int $at): mixed
    {
        $this->makeFolder();
        $lock = @fopen($this->copy($at) . '.lock', 'c');
        return $lock !== false && flock($lock, LOCK_EX | LOCK_NB) ? $lock : null;
    }

    private function copy(int $at): string
    {
        return "{$this->folder}/url-$at.json";
    }

    private static function isUrl(string $where): bool
    {
        return preg_match('~^https?://~i', $where) === 1;
    }

    /** @return list<string> */
    private static function files(string $where): array
    {
        return is_dir($where) ? (glob(rtrim($where, '/') . '/*.json') ?: []) : [$where];
    }

    private static function read(string $file): string
    {
        $text = @file_get_contents($file, length: self::LIMIT + 1);
        if ($text === false) {
            throw new SourceError("the file $file cannot be read");
        }
        return strlen($text) <= self::LIMIT ? $text : throw new SourceError("the file $file has more than 16 MiB");
    }

    /** In one step, so that nobody reads half of it. */
    private static function write(string $file, string $text): void
    {
        $fresh = "$file." . getmypid();
        if (@file_put_contents($fresh, $text) !== strlen($text) || !rename($fresh, $file)) {
            throw new SourceError("the file $file cannot be written");
        }
    }

    /** @return array{int, array<string, string>} of the last answer, where some redirect */
    private static function head(array $lines): array
    {
        $status = 0;
        $headers = [];
        foreach ($lines as $line) {
            if (preg_match('~^HTTP/\S+ (\d+)~', $line, $found)) {
                [$status, $headers] = [(int) $found[1], []];
            } elseif (str_contains($line, ':')) {
                [$name, $value] = explode(':', $line, 2);
                $headers[strtolower(trim($name))] = trim($value);
            }
        }
        return [$status, $headers];
    }
}
