//! What comes with an evaluation, from a JavaScript object.

use bartizan_wire::Request;
use js_sys::{BigInt, Date, Math, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The request that the options describe; what they leave out comes from the host's clock and chance.
pub(crate) fn request(options: &JsValue) -> Result<Request, JsValue> {
    let get = |name: &str| {
        if options.is_object() { Reflect::get(options, &name.into()) } else { Ok(JsValue::UNDEFINED) }
    };
    let number = |name: &str, default: fn() -> u64| {
        let value = get(name)?;
        if value.is_undefined() { Ok(default()) } else { whole(name, &value) }
    };
    Ok(Request {
        now_s: number("now", || (Date::now() / 1000.0) as u64)?,
        entropy: number("entropy", chance)?,
        budget: number("budget", || u64::MAX)?,
        batches: get("batches")?.is_truthy(),
        ..Request::default()
    })
}

/// Ids need to be distinct, not secret, so the host's plain chance is enough.
fn chance() -> u64 {
    let half = || (Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}

fn whole(name: &str, value: &JsValue) -> Result<u64, JsValue> {
    if let Some(big) = value.dyn_ref::<BigInt>() {
        if let Ok(whole) = u64::try_from(big.clone()) {
            return Ok(whole);
        }
    } else if let Some(number) = value.as_f64()
        && number >= 0.0
        && number.fract() == 0.0
        && number <= 9_007_199_254_740_992.0
    {
        return Ok(number as u64);
    }
    Err(js_sys::TypeError::new(&format!("`{name}` is not a whole number that is not negative")).into())
}
