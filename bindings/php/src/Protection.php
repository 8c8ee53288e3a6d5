<?php

declare(strict_types=1);

namespace Bartizan;

/**
 * Protection: settings, rules in force, lines of what was found, and what happens when something fails.
 *
 *     $protection = new Bartizan\Protection(['rules' => ['rules/waf.json'], 'mode' => 'block']);
 *
 * Settings come from the argument, then from environment variables (BARTIZAN_RULES for `rules`, and so on). Rules are
 * compiled once for each process, and again when their files have changed.
 */
final class Protection
{
    private static ?self $default = null;

    /** @var array<string, mixed> the settings in force */
    public readonly array $settings;

    /** @var array<string, int> requests, events, blocked and failures of this object */
    public array $counts = ['requests' => 0, 'events' => 0, 'blocked' => 0, 'failures' => 0];

    private readonly Library $library;
    private readonly \FFI\CData $host;
    private readonly Sources $sources;
    private readonly \Closure $log;
    private ?Instance $instance = null;
    private string $stamp = '';
    private float $looked = 0.0;
    private array $complained = [];

    /**
     * @param array<string, mixed> $settings
     * @param ?\Closure(array): void $onEvent called with the line of each request that came to something
     * @param ?\Closure(string): void $log for warnings; error_log where there is none
     * @param ?array<string, string> $environment instead of the process's
     */
    public function __construct(
        array $settings = [],
        private readonly ?\Closure $onEvent = null,
        ?\Closure $log = null,
        ?Library $library = null,
        ?array $environment = null,
    ) {
        $this->log = $log ?? static fn (string $text) => error_log("bartizan: $text");
        $this->library = $library ?? Library::default();
        $ours = static fn (string $name): bool => str_starts_with($name, 'BARTIZAN_') || str_starts_with($name, 'DD_APPSEC_');
        $environment = array_filter($environment ?? getenv(), $ours, ARRAY_FILTER_USE_KEY);
        foreach (['html_template', 'json_template'] as $key) {
            $file = $environment['BARTIZAN_' . strtoupper($key) . '_FILE'] ?? '';
            if ($file !== '' && !isset($settings[$key])) {
                $settings[$key] = file_get_contents($file) ?: '';
            }
        }
        $document = Document::encode(['environment' => (object) $environment] + $settings);
        $functions = $this->library->functions;
        $this->host = Library::held($functions->bartizan_host_new($document, strlen($document)));
        $functions->bartizan_host_settings($this->host, $this->library->out);
        $this->settings = Document::decode($this->library->lent());
        $this->sources = new Sources($this->settings, md5($document));
        if ($this->settings['enabled']) {
            $this->look();
        }
    }

    public function __destruct()
    {
        if (isset($this->host)) {
            $this->library->functions->bartizan_host_free($this->host);
        }
    }

    /** The one that environment variables describe. */
    public static function default(): self
    {
        return self::$default ??= new self();
    }

    /** A request to be evaluated; null where nothing is protected. */
    public function begin(): ?Request
    {
        if (!$this->settings['enabled']) {
            return null;
        }
        if (microtime(true) - $this->looked >= $this->settings['poll_s']) {
            $this->look();
        }
        if ($this->instance === null) {
            return null;
        }
        $this->counts['requests']++;
        $handle = $this->library->functions->bartizan_request_new($this->host, $this->instance->handle(), 0, 0);
        return new Request($this, $this->library, Library::held($handle));
    }

    /** Looks whether the sources of rules have changed, and takes what they have then. */
    public function look(): void
    {
        $this->looked = microtime(true);
        $stamp = $this->sources->stamp();
        if ($this->instance !== null && $stamp === $this->stamp) {
            return;
        }
        $name = $this->sources->name;
        $this->stamp = $stamp;
        // Another request of this process may have compiled them.
        $kept = $this->kept($name, $stamp);
        if ($kept !== null) {
            $this->instance = $kept;
            return;
        }
        $good = $this->instance ?? $this->kept("$name good", '');
        $fresh = $this->load($good === null);
        if ($fresh !== null) {
            $this->keep($fresh, "$name good", '');
            $this->check($fresh);
        }
        $this->instance = $fresh ?? $good;
        if ($this->instance === null) {
            ($this->log)('there are no rules in force, so nothing is protected; name a file, a folder or a URL in BARTIZAN_RULES');
            return;
        }
        // Also what was refused is not read again before it changes.
        $this->keep($this->instance, $name, $stamp);
    }

    /** Looks at sources that are not files, when it is time; best after the response has gone. */
    public function poll(): void
    {
        $this->sources->poll($this);
    }

    /**
     * Compiles what the sources have; null when that is refused.
     *
     * @param bool $lost whether there is nothing in force, so that what was last good is better than nothing
     */
    private function load(bool $lost): ?Instance
    {
        $rules = new Rules($this->library, $this->log);
        if ($this->sources->names() === []) {
            return null;
        }
        try {
            $told = $rules->offer($this->sources->offer());
        } catch (SourceError $failure) {
            $told = $rules->offer(['source' => implode(', ', $this->sources->names()), 'error' => $failure->getMessage()]);
        }
        if ($told['state'] === 'changed') {
            $this->sources->save($rules->saved());
            return $rules->instance();
        }
        $saved = $lost ? $this->sources->saved() : null;
        if ($saved !== null && $rules->restore($saved)['state'] === 'changed') {
            return $rules->instance();
        }
        return null;
    }

    /** @internal rules that are to be judged before they are written where all processes read them */
    public function judge(array $offer): ?string
    {
        $rules = new Rules($this->library, $this->log);
        return $rules->offer($offer)['state'] === 'changed' ? $rules->saved() : null;
    }

    private function kept(string $name, string $version): ?Instance
    {
        $handle = $this->library->functions->bartizan_instance_kept($name, strlen($name), $version, strlen($version));
        return $handle === null || \FFI::isNull($handle) ? null : new Instance($this->library, $handle);
    }

    private function keep(Instance $instance, string $name, string $version): void
    {
        $this->library->functions->bartizan_instance_keep($instance->handle(), $name, strlen($name), $version, strlen($version));
    }

    private function check(Instance $instance): void
    {
        foreach ($this->problems($instance) as $problem) {
            ($this->log)("self-check: $problem");
        }
    }

    private function problems(Instance $instance): array
    {
        $code = $this->library->functions->bartizan_host_self_check($this->host, $instance->handle(), time(), $this->library->out);
        return $code < 0 ? ['the engine failed'] : Document::decode($this->library->lent())['problems'];
    }

    /** @return list<string> what is wrong: a canary must be found, and a browser must pass */
    public function selfCheck(): array
    {
        return $this->instance === null ? ['there are no rules in force'] : $this->problems($this->instance);
    }

    /** Engine, counts, problems, and the addresses that the rules want: wanted, sent (by this object), never_sent. */
    public function doctor(): array
    {
        $report = ['engine' => $this->library->version(), 'counts' => $this->counts, 'problems' => $this->selfCheck()];
        if ($this->instance !== null) {
            $this->library->functions->bartizan_host_doctor($this->host, $this->instance->handle(), $this->library->out);
            $report += Document::decode($this->library->lent());
        }
        return $report;
    }

    /** @internal counts a failure; gives the response when requests that cannot be checked are refused */
    public function failed(\Throwable $failure): ?array
    {
        $this->counts['failures']++;
        $this->complain("a request could not be checked: {$failure->getMessage()}");
        return $this->settings['on_failure'] === 'closed' ? $this->settings['failure_response'] : null;
    }

    /** @internal warns, each text once */
    public function complain(string $text): void
    {
        if (!isset($this->complained[$text]) && count($this->complained) < 1000) {
            $this->complained[$text] = true;
            ($this->log)($text);
        }
    }

    /** @internal hands out what a request came to */
    public function line(string $line): void
    {
        $this->counts['events']++;
        $where = $this->settings['events'];
        if ($where !== '') {
            $file = in_array($where, ['stdout', 'stderr'], true) ? "php://$where" : $where;
            if (@file_put_contents($file, "$line\n", FILE_APPEND) === false) {
                $this->complain("events cannot be written to $where");
            }
        }
        if ($this->onEvent !== null) {
            ($this->onEvent)(Document::decode($line));
        }
    }
}
