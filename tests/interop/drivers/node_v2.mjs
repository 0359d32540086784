// Drives @polymarket/clob-client-v2, whose host is an argument of its client, with a wallet of viem.
//
// Run in the folder the package is installed in: bare names are looked up from there.

import { createRequire } from "node:module";
import { join } from "node:path";
import { Refused, sandbox, serve } from "./loop.mjs";

const require = createRequire(join(process.cwd(), "package.json"));
const { AssetType, ClobClient, Side, SignatureTypeV2 } = require("@polymarket/clob-client-v2");
const { createWalletClient, custom } = require("viem");
const { privateKeyToAccount } = require("viem/accounts");

const { rest: host, chain_id: chain } = sandbox();
// a key signs without asking a node; if anything did ask one, it would fail
const transport = custom({ request: ({ method }) => Promise.reject(new Error(`${method} was asked of a node`)) });
const side = { BUY: Side.BUY, SELL: Side.SELL };

// errors come back as values unless the client was told otherwise
const asked = async (answer) => {
  const told = await answer;
  if (told && typeof told === "object" && "error" in told) {
    const { error, status } = told;
    const inner = typeof error === "object" && error !== null ? error : told;
    const message = typeof error === "string" ? error : (inner.error_msg ?? JSON.stringify(error));
    throw new Refused(message, status ?? null, { expected: inner.heartbeat_id });
  }
  return told;
};

const tried = async (answer) => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw new Refused(error.message);
  }
};

const placed = (told) => ({
  ok: told.success && !told.errorMsg,
  id: told.orderID,
  status: told.status,
  error: told.errorMsg,
  making: told.makingAmount,
  taking: told.takingAmount,
  trades: told.tradeIDs ?? [],
  hashes: told.transactionsHashes ?? [],
});

const creds = ({ key, secret, passphrase }) => ({ api_key: key, api_secret: secret, api_passphrase: passphrase });

class Driver {
  clients = {};
  unkeyed = {};
  open = new ClobClient({ host, chain });

  async connect({ name, key, signature_type: signatureType, funder, nonce = 0, server_time: useServerTime }) {
    const signer = createWalletClient({ account: privateKeyToAccount(key), transport });
    const wallet = signatureType === SignatureTypeV2.EOA ? {} : { signatureType, funderAddress: funder };
    const options = { host, chain, signer, useServerTime, ...wallet };
    this.unkeyed[name] = new ClobClient(options);
    const made = await asked(this.unkeyed[name].createOrDeriveApiKey(nonce));
    // refused requests of this kind come back as credentials without a key
    if (!made.key) throw new Refused(JSON.stringify(made));
    this.clients[name] = new ClobClient({ ...options, creds: made });
    return { address: signer.account.address, key: made.key };
  }

  async create_key({ name, nonce }) {
    const made = await asked(this.unkeyed[name].createApiKey(nonce));
    if (!made.key) throw new Refused("no key was created");
    return creds(made);
  }

  async derive_key({ name, nonce }) {
    return creds(await asked(this.unkeyed[name].deriveApiKey(nonce)));
  }

  keys = async ({ name }) => (await asked(this.clients[name].getApiKeys())).apiKeys;
  delete_key = ({ name }) => asked(this.clients[name].deleteApiKey());
  closed_only = async ({ name }) => (await asked(this.clients[name].getClosedOnlyMode())).closed_only;

  async builder_keys({ name }) {
    const made = await asked(this.clients[name].createBuilderApiKey());
    const listed = await asked(this.clients[name].getBuilderApiKeys());
    return { made: made.key, listed: listed.map((each) => each.key) };
  }

  async readonly_keys({ name }) {
    const made = (await asked(this.clients[name].createReadonlyApiKey())).apiKey;
    const listed = await asked(this.clients[name].getReadonlyApiKeys());
    return { made, listed, deleted: await asked(this.clients[name].deleteReadonlyApiKey(made)) };
  }

  // -- what anybody may read --

  async health() {
    return {
      ok: await asked(this.open.getOk()),
      time: await asked(this.open.getServerTime()),
      version: await this.open.getVersion(),
    };
  }

  async book({ token }) {
    const told = await asked(this.open.getOrderBook(token));
    const { hash } = told;
    return { ...told, hash, own_hash: await this.open.getOrderBookHash({ ...told }) };
  }

  books = ({ tokens }) => asked(this.open.getOrderBooks(tokens.map((token_id) => ({ token_id }))));

  async terms({ token }) {
    const client = new ClobClient({ host, chain });
    return { tick: await asked(client.getTickSize(token)), neg_risk: await asked(client.getNegRisk(token)) };
  }

  async quotes({ token }) {
    return {
      midpoint: (await asked(this.open.getMidpoint(token))).mid,
      bid: (await asked(this.open.getPrice(token, "BUY"))).price,
      ask: (await asked(this.open.getPrice(token, "SELL"))).price,
      spread: (await asked(this.open.getSpread(token))).spread,
    };
  }

  quotes_last = ({ token }) => asked(this.open.getLastTradePrice(token));

  async many_quotes({ tokens }) {
    const plain = tokens.map((token_id) => ({ token_id }));
    const both = plain.flatMap((each) => [{ ...each, side: Side.BUY }, { ...each, side: Side.SELL }]);
    const last = await asked(this.open.getLastTradesPrices(plain));
    return {
      midpoints: await asked(this.open.getMidpoints(plain)),
      prices: await asked(this.open.getPrices(both)),
      spreads: await asked(this.open.getSpreads(plain)),
      last: Object.fromEntries(last.map((each) => [each.token_id, each])),
    };
  }

  history = async ({ token }) =>
    (await asked(this.open.getPricesHistory({ market: token, interval: "1h", fidelity: 1 }))).history;

  market = ({ condition_id: id }) => asked(this.open.getClobMarketInfo(id));

  async markets() {
    const found = [];
    for (let cursor = "MA=="; cursor !== "LTE="; ) {
      const page = await asked(this.open.getMarkets(cursor));
      found.push(...page.data.map((each) => each.condition_id));
      cursor = page.next_cursor;
    }
    return found;
  }

  // -- what belongs to a wallet --

  async balance({ name, kind, token }) {
    const params = { asset_type: AssetType[kind] ?? kind, ...(token ? { token_id: token } : {}) };
    await asked(this.clients[name].updateBalanceAllowance(params));
    const { balance, allowances } = await asked(this.clients[name].getBalanceAllowance(params));
    return { balance, allowances };
  }

  open_orders = ({ name, token }) => asked(this.clients[name].getOpenOrders(token ? { asset_id: token } : {}));
  order = ({ name, id }) => asked(this.clients[name].getOrder(id));
  trades = ({ name, token }) => asked(this.clients[name].getTrades({ asset_id: token }));
  scoring = ({ name, ids }) => asked(this.clients[name].areOrdersScoring({ orderIds: ids }));

  async rewards({ name, condition_id: id, day }) {
    const client = this.clients[name];
    const ids = (found) => found.map((each) => each.condition_id);
    return {
      markets: ids(await asked(client.getCurrentRewards())),
      terms: ids(await asked(client.getRawRewardsForMarket(id))),
      own: ids(await asked(client.getUserEarningsAndMarketsConfig(day))),
      earned: await asked(client.getEarningsForUserForDay(day)),
      total: await asked(client.getTotalEarningsForUserForDay(day)),
      shares: await asked(client.getRewardPercentages()),
    };
  }

  async notifications({ name }) {
    const told = await asked(this.clients[name].getNotifications());
    if (told.length) await asked(this.clients[name].dropNotifications({ ids: told.map((each) => String(each.id)) }));
    return told;
  }

  builder_trades = async ({ code }) => (await asked(this.open.getBuilderTrades({ builder_code: code }))).trades;

  // -- trading --

  async signed(name, { token, side: way, price, size, position, expiration, version, builder }) {
    const order = { tokenID: token, side: side[way], price: Number(price), size: Number(size) };
    if (expiration) order.expiration = expiration;
    if (builder) order.builderCode = builder;
    const kind = version ?? (position ? 3 : undefined);
    return tried(this.clients[name].createOrder(order, kind ? { version: kind } : undefined));
  }

  async place({ name, type = "GTC", post_only = false, ...order }) {
    const signed = await this.signed(name, order);
    return placed(await asked(this.clients[name].postOrder(signed, type, post_only)));
  }

  async place_market({ name, token, side: way, amount, type = "FOK", position = false, spend }) {
    const order = { tokenID: token, side: side[way], amount: Number(amount), orderType: type };
    if (spend) order.userUSDCBalance = Number(spend);
    const options = position ? { version: 3 } : undefined;
    const answer = tried(this.clients[name].createAndPostMarketOrder(order, options, type));
    return placed(await asked(answer));
  }

  async batch({ name, orders }) {
    const signed = [];
    for (const each of orders) signed.push({ order: await this.signed(name, each), orderType: each.type ?? "GTC" });
    return (await asked(this.clients[name].postOrders(signed))).map(placed);
  }

  cancel = ({ name, id }) => asked(this.clients[name].cancelOrder({ orderID: id }));
  cancel_many = ({ name, ids }) => asked(this.clients[name].cancelOrders(ids));
  cancel_all = ({ name }) => asked(this.clients[name].cancelAll());

  cancel_market = ({ name, market, token }) =>
    asked(this.clients[name].cancelMarketOrders(market ? { market } : { asset_id: token }));

  heartbeat = async ({ name, id }) => (await asked(this.clients[name].postHeartbeat(id))).heartbeat_id;
}

await serve(new Driver());
