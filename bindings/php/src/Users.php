<?php

declare(strict_types=1);

namespace Bartizan;

/**
 * Who makes the request that is being served, and what happens in it. When that blocks the request, Blocked is thrown and
 * goes to whoever protects the application; with `block: false` the functions return true instead. Where there is no
 * protection they do nothing.
 */
final class Users
{
    /** @param string|int $id and more, if it is known; $tags are any other */
    public static function setUser(
        string|int $id,
        ?string $name = null,
        ?string $email = null,
        ?string $sessionId = null,
        ?string $role = null,
        ?string $scope = null,
        array $tags = [],
        bool $block = true,
    ): bool {
        $user = ['id' => $id, 'name' => $name, 'email' => $email, 'session_id' => $sessionId, 'role' => $role, 'scope' => $scope];
        $user = array_filter($user, static fn (mixed $value): bool => $value !== null);
        return self::event(['event' => 'set_user', 'user' => $user + $tags], $block);
    }

    /** Asks about a user without remembering; in monitor mode it is true, and the request goes on. */
    public static function isUserBlocked(string|int $id, bool $block = true): bool
    {
        $answer = Request::current()?->event(['event' => 'is_user_blocked', 'user' => ['id' => $id]]);
        return self::stop($block) || ($answer['blocked'] ?? false);
    }

    /** Somebody logged in. The user is an id, or a map with one. */
    public static function trackUserLoginSuccess(string $login, string|int|array|null $user = null, ?array $metadata = null, bool $block = true): bool
    {
        return self::event(['event' => 'login_success', 'login' => $login] + self::about($user, $metadata), $block);
    }

    /** A login failed; $exists says whether there is such a user. */
    public static function trackUserLoginFailure(string $login, bool $exists, string|int|array|null $user = null, ?array $metadata = null, bool $block = true): bool
    {
        return self::event(['event' => 'login_failure', 'login' => $login, 'exists' => $exists] + self::about($user, $metadata), $block);
    }

    /** There is a new user. */
    public static function trackUserSignup(string $login, string|int|array|null $user = null, ?array $metadata = null, bool $block = true): bool
    {
        return self::event(['event' => 'signup', 'login' => $login] + self::about($user, $metadata), $block);
    }

    /** Something happened that rules may be about, such as payment.failure. */
    public static function trackCustomEvent(string $name, ?array $metadata = null, string|int|array|null $user = null, bool $block = true): bool
    {
        return self::event(['event' => 'custom', 'name' => $name] + self::about($user, $metadata), $block);
    }

    private static function about(string|int|array|null $user, ?array $metadata): array
    {
        $more = ['user' => $user, 'metadata' => $metadata === null ? null : (object) $metadata];
        return array_filter($more, static fn (mixed $value): bool => $value !== null);
    }

    private static function event(array $event, bool $block): bool
    {
        Request::current()?->event($event);
        return self::stop($block);
    }

    private static function stop(bool $block): bool
    {
        $response = Request::current()?->response;
        return $response !== null && $block ? throw new Blocked($response) : $response !== null;
    }
}
