<?php

// A small shop under protection, for `php -S` and PHP-FPM; see ../README.md. As a program it opens itself with `php -S`.

declare(strict_types=1);

use Bartizan\{Entry, Users};

if (PHP_SAPI === 'cli') {
    require __DIR__ . '/open.php';
    exit;
}

require (getenv('SHOP_PACKAGE') ?: __DIR__ . '/../../dist/php') . '/src/autoload.php';
Entry::protect();

const PRODUCTS = [
    ['id' => 1, 'name' => 'lamp', 'price' => 30],
    ['id' => 2, 'name' => 'chair', 'price' => 80],
    ['id' => 3, 'name' => 'table', 'price' => 200],
];
const USERS = ['alice' => ['u1', 'wonder'], 'mallory' => ['u2', 'secret']];
const NOT_FOUND = [404, ['error' => 'not found']];

function login(array $given): array
{
    [$id, $password] = USERS[$given['login']] ?? [null, null];
    if ($id === null || $password !== $given['password']) {
        Users::trackUserLoginFailure($given['login'], $id !== null);
        return [401, ['error' => 'wrong login or password']];
    }
    Users::trackUserLoginSuccess($given['login'], $id);
    Users::setUser($id, name: $given['login']);
    return [200, ['user' => $id]];
}

function reset_password(array $given): array
{
    Users::trackCustomEvent('password.reset', ['login' => $given['login']]);
    return [200, ['sent' => true]];
}

function pay(array $given): array
{
    Users::trackCustomEvent('payment.creation', ['amount' => $given['amount']]);
    if ($given['card'] === 'declined') {
        Users::trackCustomEvent('payment.failure', ['reason' => 'declined']);
        return [402, ['error' => 'declined']];
    }
    Users::trackCustomEvent('payment.success', ['amount' => $given['amount']]);
    return [200, ['paid' => $given['amount']]];
}

function answer(string $route, array $given): array
{
    if (preg_match('~^GET /products/(\d+)$~', $route, $found)) {
        $product = array_values(array_filter(PRODUCTS, static fn (array $product) => $product['id'] === (int) $found[1]));
        return $product === [] ? NOT_FOUND : [200, $product[0]];
    }
    $search = static fn (array $product): bool => str_contains($product['name'], $_GET['q'] ?? '');
    return match ($route) {
        'GET /' => [200, ['shop' => 'bartizan']],
        'GET /products' => [200, ['products' => array_values(array_filter(PRODUCTS, $search))]],
        'POST /login' => login($given),
        'POST /password-reset' => reset_password($given),
        'POST /payment' => pay($given),
        default => NOT_FOUND,
    };
}

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
// Blocked goes through to the protection, which answers in this place.
[$status, $body] = answer("{$_SERVER['REQUEST_METHOD']} $path", (array) json_decode(file_get_contents('php://input'), true));
http_response_code($status);
header('content-type: application/json');
echo json_encode($body);
