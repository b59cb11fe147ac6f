// The package's types against the public contract, both ways.
import type * as ours from "meterglot";
import type * as contract from "../../../../shared/api.js";

// Values: what the package gives is what the contract promises, and nothing the contract promises would not do for the package.
declare const given: typeof ours;
export const promised: typeof contract = given;
// An Aggregator is left out on the way back: ours declares the [Symbol.dispose] that `implements Disposable` asks for. So is what we export beside the contract.
declare const contracted: Omit<typeof contract, "Aggregator">;
export const sufficient: Omit<typeof ours, "Aggregator" | "Listing"> = contracted;

/** True where two types are the same, not merely alike. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const same: {
  [Name in keyof Types]: Same<Types[Name][0], Types[Name][1]>;
} & Record<keyof Types, true> = {
  AggregateRow: true,
  AggregateSpec: true,
  Body: true,
  Check: true,
  Decimal: true,
  Detection: true,
  Dictionary: true,
  ErrorCode: true,
  Format: true,
  GroupKey: true,
  Issue: true,
  Kind: true,
  Limits: true,
  MeterglotError: true,
  Note: true,
  PageInfo: true,
  ParsedDocument: true,
  Provider: true,
  ProviderRequest: true,
  ReadOptions: true,
  Reducer: true,
  RequestContext: true,
  Timestamp: true,
  Unit: true,
  UsageRecord: true,
  UsageTable: true,
  Window: true,
};

interface Types {
  AggregateRow: [ours.AggregateRow, contract.AggregateRow];
  AggregateSpec: [ours.AggregateSpec, contract.AggregateSpec];
  Body: [ours.Body, contract.Body];
  Check: [ours.Check, contract.Check];
  Decimal: [ours.Decimal, contract.Decimal];
  Detection: [ours.Detection, contract.Detection];
  Dictionary: [ours.Dictionary, contract.Dictionary];
  ErrorCode: [ours.ErrorCode, contract.ErrorCode];
  Format: [ours.Format, contract.Format];
  GroupKey: [ours.GroupKey, contract.GroupKey];
  Issue: [ours.Issue, contract.Issue];
  Kind: [ours.Kind, contract.Kind];
  Limits: [ours.Limits, contract.Limits];
  MeterglotError: [ours.MeterglotError, contract.MeterglotError];
  Note: [ours.Note, contract.Note];
  PageInfo: [ours.PageInfo, contract.PageInfo];
  ParsedDocument: [ours.ParsedDocument, contract.ParsedDocument];
  Provider: [ours.Provider, contract.Provider];
  ProviderRequest: [ours.ProviderRequest, contract.ProviderRequest];
  ReadOptions: [ours.ReadOptions, contract.ReadOptions];
  Reducer: [ours.Reducer, contract.Reducer];
  RequestContext: [ours.RequestContext, contract.RequestContext];
  Timestamp: [ours.Timestamp, contract.Timestamp];
  Unit: [ours.Unit, contract.Unit];
  UsageRecord: [ours.UsageRecord, contract.UsageRecord];
  UsageTable: [ours.UsageTable, contract.UsageTable];
  Window: [ours.Window, contract.Window];
}
