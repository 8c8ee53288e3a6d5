//! What an application is about to do on behalf of a request: each file, query, command and URL in a subcontext.

use super::Addresses;
use super::attack::payload;
use super::benign::draft;
use super::words::{key, path, value, word};
use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Value, text, texts};

pub(super) fn request(random: &mut Random) -> Vec<Call> {
    let mut draft = draft(random);
    // What the request brings and the application uses; in some requests it is an attack.
    let brought = if random.chance(25) { payload(random) } else { value(random) };
    draft.query.push((key(random).to_owned(), brought.clone()));
    let mut calls = draft.calls(random);
    let rest = calls.pop();
    for _ in 0..random.between(6, 18) {
        calls.push(Call { apart: true, ..action(random, &brought) });
    }
    calls.extend(rest);
    calls
}

fn action(random: &mut Random, brought: &str) -> Call {
    let brought = if random.chance(40) { brought.to_owned() } else { value(random) };
    let mut addresses = Addresses::default();
    match random.below(10) {
        0..=3 => {
            addresses.put("server.db.system", text(random.choose(&["postgresql", "mysql", "sqlite"])));
            addresses.put("server.db.statement", text(statement(random, &brought)));
        }
        4..=6 => {
            let file =
                format!("/srv/app/{}/{}", random.choose(&["templates", "uploads", "static/css"]), brought);
            let address =
                random.choose(&["server.io.fs.file", "server.io.fs.file", "server.io.fs.file_write"]);
            addresses.put(address, text(file));
        }
        7 | 8 => {
            let host = random.choose(&["payments.internal.example", "10.2.3.4:8080", "api.partner.example"]);
            addresses.put("server.io.net.url", text(format!("http://{host}{}?v={brought}", path(random))));
        }
        _ if random.chance(50) => {
            let line =
                format!("convert /srv/uploads/{brought} -resize 200x200 /srv/cache/{}.png", word(random));
            addresses.put("server.sys.shell.cmd", text(line));
        }
        _ => {
            let command = ["/usr/bin/convert", &brought, "-resize", "200x200", "out.png"];
            addresses.put("server.sys.exec.cmd", Value::Array(texts(command).items().to_vec()));
        }
    }
    addresses.call()
}

fn statement(random: &mut Random, brought: &str) -> String {
    let (table, column) = (word(random), key(random));
    match random.below(4) {
        0 => format!(
            "SELECT id, name, {column} FROM {table} WHERE {column} = '{brought}' AND deleted_at IS NULL ORDER BY id LIMIT 20"
        ),
        1 => format!("INSERT INTO {table} ({column}, created_at) VALUES ('{brought}', now()) RETURNING id"),
        2 => format!(
            "UPDATE {table} SET {column} = '{brought}', updated_at = $1 WHERE id = {}",
            random.below(10_000)
        ),
        _ => format!(
            "SELECT t.id, t.{column}, COUNT(o.id) FROM {table} t LEFT JOIN orders o ON o.ref = t.id WHERE t.id IN (1, 2, 3) AND t.{column} LIKE '%{brought}%' GROUP BY t.id"
        ),
    }
}
