// UNITS: a closed vocabulary with exact factors.
import { chance, quotient } from "./support.mjs";

export default ({ rule, assert, meterglot, fixture }) => {
  const { convert, normalize } = meterglot;

  const BYTES = { By: 1n, kBy: 10n ** 3n, MBy: 10n ** 6n, GBy: 10n ** 9n, TBy: 10n ** 12n, KiBy: 2n ** 10n, MiBy: 2n ** 20n, GiBy: 2n ** 30n, TiBy: 2n ** 40n };
  const SECONDS = { s: 1n, min: 60n, "5.min": 300n, h: 3600n, d: 86400n };
  const HERTZ = { MHz: 1n, GHz: 1000n };

  rule("prefixes_of_a_thousand_and_of_1024_are_distinguished", () => {
    for (const [unit, factor] of Object.entries(BYTES)) assert.equal(convert("1", unit, "By"), factor.toString(), unit);
  });

  rule("every_unit_of_bytes_converts_to_every_other_exactly", () => {
    for (const [from, a] of Object.entries(BYTES)) {
      for (const [to, b] of Object.entries(BYTES)) assert.equal(convert("7", from, to), quotient(7n * a, b), `${from} to ${to}`);
    }
  });

  rule("a_level_times_a_time_converts_to_every_other", () => {
    for (const [level, factors] of [
      ["By", BYTES],
      ["MHz", HERTZ],
    ]) {
      for (const [from, a] of Object.entries(SECONDS)) {
        for (const [to, b] of Object.entries(SECONDS)) {
          for (const [unit, c] of Object.entries(factors)) {
            assert.equal(convert("11", `${level}.${from}`, `${unit}.${to}`), quotient(11n * a, b * c), `${level}.${from} to ${unit}.${to}`);
          }
        }
      }
    }
  });

  rule("twelve_thousand_samples_of_a_megahertz_are_one_gigahertz_hour", () => {
    assert.equal(convert("12000", "MHz.5.min", "GHz.h"), "1");
  });

  rule("annotations_convert_only_to_themselves", () => {
    for (const unit of ["{call}", "{object}", "{unit}"]) assert.equal(convert("3.50", unit, unit), "3.5");
    assert.equal(convert("288", "{unit}.5.min", "{unit}.d"), "1");
    for (const [from, to] of [
      ["{call}", "{object}"],
      ["{unit}", "{call}"],
      ["{call}", "By"],
    ]) {
      assert.throws(() => convert("1", from, to), meterglot.MeterglotError, undefined, `${from} to ${to}`);
    }
  });

  rule("convert_stays_within_one_dimension", () => {
    for (const [from, to] of [
      ["By", "MHz"],
      ["By", "By.s"],
      ["GiBy.d", "GiBy"],
      ["MHz.h", "By.h"],
      ["By", "{object}"],
    ]) {
      let error;
      try {
        convert("1", from, to);
      } catch (thrown) {
        error = thrown;
      }
      assert.instanceOf(error, meterglot.MeterglotError, `${from} to ${to}`);
      assert.include(["incompatible-aggregation", "invalid-option"], error.code);
    }
  });

  rule("the_vocabulary_is_closed", () => {
    for (const unit of ["GB", "B", "byte", "KBy", "kiBy", "by", "By.mo", "GiBy.month", "By.a", "Hz", "kHz", "{calls}", "", "By.", ".d", "By.d.d", "m", "s"]) {
      assert.throws(() => convert("1", unit, "By"), meterglot.MeterglotError, undefined, `"${unit}"`);
    }
  });

  rule("a_month_is_never_a_fixed_length", () => {
    assert.throws(() => convert("1", "GiBy.mo", "GiBy.d"), meterglot.MeterglotError);
  });

  rule("a_quotient_that_ends_is_kept_whole", () => {
    const whole = "0.000000000931322574615478515625";
    assert.equal(convert("1", "By", "GiBy"), whole);
    assert.equal(convert("1", "By", "GiBy", 3), whole);
    assert.equal(convert("1", "By", "TBy", 0), "0.000000000001");
  });

  rule("a_quotient_that_does_not_end_is_rounded_at_twenty_digits", () => {
    assert.equal(convert("1", "By.s", "By.min"), "0.01666666666666666667");
    assert.equal(convert("1", "By.s", "By.d"), quotient(1, 86400));
    assert.equal(convert("-1", "By.s", "By.min"), "-0.01666666666666666667");
  });

  rule("fraction_digits_say_where_it_is_rounded", () => {
    assert.equal(convert("1", "By.s", "By.min", 4), "0.0167");
    assert.equal(convert("1", "By.s", "By.min", 0), "0");
    assert.equal(convert("100", "By.s", "By.min", 0), "2");
    assert.equal(convert("1", "By.s", "By.min", 30), "0.016666666666666666666666666667");
  });

  rule("there_and_back_is_where_it_began", () => {
    const random = chance(20240115);
    const units = Object.keys(BYTES);
    for (let i = 0; i < 200; i++) {
      const digits = Array.from({ length: 1 + Math.floor(random() * 30) }, () => Math.floor(random() * 10)).join("");
      const value = BigInt(digits).toString();
      const from = units[Math.floor(random() * units.length)];
      assert.equal(convert(convert(value, from, "By"), "By", from), value, `${value} ${from}`);
    }
  });

  rule("a_quantity_to_convert_may_be_written_in_any_spelling", () => {
    assert.equal(convert("1.50", "kBy", "By"), "1500");
    assert.equal(convert("-0", "kBy", "By"), "0");
    assert.equal(convert("123456789012345678901234567890", "GiBy", "GiBy"), "123456789012345678901234567890");
  });

  rule("a_quantity_that_is_no_number_is_refused", () => {
    for (const value of ["", "abc", "1,5", "0x10", "NaN", "Infinity", " 1"]) {
      assert.throws(() => convert(value, "By", "By"), meterglot.MeterglotError, undefined, `"${value}"`);
    }
  });

  rule("a_conversion_beyond_76_digits_is_exact_or_refused_but_never_rounded", () => {
    let result;
    try {
      result = convert("9".repeat(76), "TiBy", "By");
    } catch (error) {
      assert.instanceOf(error, meterglot.MeterglotError);
      result = error.code;
    }
    assert.include(["number-out-of-range", (BigInt("9".repeat(76)) * 2n ** 40n).toString()], result);
  });

  rule("every_unit_that_leaves_is_of_the_vocabulary", () => {
    const bases = [...Object.keys(BYTES), "MHz", "GHz", "{call}", "{object}", "{unit}"];
    const known = new Set([...bases, ...bases.flatMap((base) => Object.keys(SECONDS).map((time) => `${base}.${time}`))]);
    for (const name of [
      "provider-docs/wasabi-bucket-invoice.json",
      "provider-docs/wasabi-bucket-daily.json",
      "made/cloudsigma-resource-types.json",
      "made/devicewise-hourly.json",
      "provider-docs/barracuda-usage-history.json",
    ]) {
      for (const { unit } of normalize(fixture(name))) assert.isTrue(known.has(unit), unit);
    }
  });
};
