// What the fixtures are: the sound ones with what `detect` must say of them, the others with the fault they carry.

const of = (provider, format, encoding, names) => names.map((name) => ({ name, provider, format: `${provider}.${format}`, encoding }));

/** Bodies without a fault. */
export const SOUND = [
  ...of("barracuda", "usage-history", "json", [
    "provider-docs/barracuda-usage-history.json", "made/barracuda-account-form.json", "made/barracuda-empty-list.json",
    "made/barracuda-null-list.json", "made/barracuda-missing-list.json", "made/barracuda-one-object-list.json",
    "made/barracuda-dst-spring.json", "made/barracuda-dst-autumn.json", "made/barracuda-month-ends.json",
    "made/barracuda-pages-1.json", "made/barracuda-pages-2.json", "made/barracuda-open-rels.json", "made/barracuda-bom.json",
    "made/barracuda-beyond-2-53.json", "made/barracuda-76-digits.json", "made/barracuda-null-bytes.json",
    "made/barracuda-number-spellings.json",
  ]),
  ...of("barracuda", "usage-history", "xml", [
    "provider-docs/barracuda-usage-history.xml", "made/barracuda-account-form.xml", "made/barracuda-empty-list.xml",
    "made/barracuda-bom.xml", "made/barracuda-entities.xml", "made/barracuda-cdata.xml", "made/barracuda-comments.xml",
  ]),
  ...of("devicewise", "api-history", "json", [
    "made/devicewise-hourly.json", "made/devicewise-api-history.without-ellipsis.json", "made/devicewise-ts-first.json",
    "made/devicewise-org-services.json", "made/devicewise-org-totals.json", "made/devicewise-org-numbers.json",
    "made/devicewise-other-case-keys.json", "made/devicewise-null-counters.json", "made/devicewise-null-counter.json",
    "made/devicewise-empty-counters.json", "made/devicewise-auth-entry.json", "made/devicewise-params-missing.json",
    "made/devicewise-dst.json", "made/devicewise-daily.json", "made/devicewise-one-period.json", "made/devicewise-odd-timestamps.json",
  ]),
  ...of("cloudsigma", "burst-usage", "json", [
    "made/cloudsigma-burst-usage.json", "made/cloudsigma-burst-usage.string-amounts.json", "made/cloudsigma-empty.json",
  ]),
  ...of("cloudsigma", "daily-burst-usage", "json", [
    "provider-docs/cloudsigma-daily-burst-usage.json", "made/cloudsigma-resource-types.json", "made/cloudsigma-daily.one-object.json",
    "made/cloudsigma-daily.partial-meta.json", "made/cloudsigma-daily.total-count-zero.json", "made/cloudsigma-daily.null-date.json",
    "made/cloudsigma-daily.datetime.json", "made/cloudsigma-daily.amounts.json", "made/cloudsigma-daily.page-1.json",
    "made/cloudsigma-daily.page-2.json", "made/cloudsigma-daily-empty.json",
  ]),
  ...of("wasabi", "bucket-daily", "json", [
    "provider-docs/wasabi-bucket-daily.json", "provider-docs/wasabi-bucket-daily.date-range.json", "made/wasabi-same-name-twice.json",
    "made/wasabi-restated.json", "made/wasabi-restated-older-last.json", "made/wasabi-repeated-row.json", "made/wasabi-deleted-bucket.json",
    "made/wasabi-formula-bucket.json", "made/wasabi-stats-envelope.json", "made/wasabi-stats-last-page.json",
    "made/wasabi-null-and-missing.json", "made/wasabi-crosses-midnight.json", "made/hostile-proto-keys.json",
  ]),
  ...of("wasabi", "bucket-invoice", "json", [
    "provider-docs/wasabi-bucket-invoice.json", "provider-docs/wasabi-bucket-invoice.control-account.json",
  ]),
  ...of("wasabi", "account-daily", "json", ["made/wasabi-account-daily.json", "made/wasabi-account-daily.regions.json"]),
  ...of("onapp", "user-statistics", "xml", [
    "provider-docs/onapp-user-statistics-period.xml", "made/onapp-duplicate-elements.xml", "made/onapp-vm-stats.xml",
    "made/onapp-discounts.xml", "made/onapp-nil-stat-time.xml", "made/onapp-unreliable-types.xml", "made/onapp-mixed-currencies.xml",
    "made/onapp-total-disagrees.xml", "made/onapp-total-cut-to-15-digits.xml", "made/onapp-summary.xml", "made/onapp-empty.xml",
  ]),
  ...of("onapp", "user-statistics", "json", [
    "made/onapp-summary.json", "made/onapp-hourly.json", "made/onapp-bare-objects.json", "made/onapp-exponents.json",
    "made/onapp-twice-in-json.json",
  ]),
];

/** Error replies: nothing of them is usage. */
export const ERROR_REPLIES = [
  "made/devicewise-root-failure.json", "made/cloudsigma-error.json", "made/cloudsigma-error.partial.json", "made/wasabi-error.json",
  "made/onapp-error.list.json", "made/onapp-error.one.json", "made/onapp-error.fields.json", "made/onapp-error.xml",
  "made/onapp-error.html", "made/onapp-error.doctype.html", "made/barracuda-oauth-error.json",
];

/** Bodies with a fault somewhere, and the code of the first one. */
export const FAULTY = {
  "provider-docs/devicewise-api-history.elided.json": "invalid-json",
  "provider-docs/cloudsigma-burst-usage.trailing-comma.json": "invalid-json",
  "provider-docs/onapp-user-statistics-hourly.elided.xml": "unexpected-shape",
  "made/barracuda-trailing-comma.json": "invalid-json",
  "made/barracuda-typographic-quotes.json": "invalid-json",
  "made/barracuda-no-break-space.json": "invalid-json",
  "made/barracuda-77-digits.json": "number-out-of-range",
  "made/barracuda-two-faults.json": "invalid-timestamp",
  "made/devicewise-mixed-batch.json": "provider-error",
  "made/devicewise-lower-case-keys.json": "provider-error",
  "made/devicewise-error-without-codes.json": "provider-error",
  "made/devicewise-error-message-singular.json": "provider-error",
  "made/devicewise-short-counter.json": "length-mismatch",
  "made/devicewise-long-counter.json": "length-mismatch",
  "made/devicewise-null-ts.json": "length-mismatch",
  "made/devicewise-thing-history.json": "unexpected-shape",
  "made/wasabi-conflict.json": "conflicting-record",
  "made/hostile-doctype.xml": "invalid-xml",
  "made/hostile-entity-bomb.xml": "invalid-xml",
  "made/hostile-external-entity.xml": "invalid-xml",
  "made/hostile-undefined-entity.xml": "invalid-xml",
};

export const ALL = [...SOUND.map(({ name }) => name), ...ERROR_REPLIES, ...Object.keys(FAULTY), "made/wasabi-empty.json",
  "made/barracuda-error.json", "made/barracuda-error.xml"];
