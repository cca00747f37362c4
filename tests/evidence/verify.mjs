// SPDX-License-Identifier: AGPL-3.0-or-later
// Tokens of inxt, verified by npm's jose: signature, alg and typ of each, by the key that its `iss` names.  What is
// altered must fail.  Then what a third person may conclude: which tokens name which.
//
//   verify.mjs vectors tests/vectors/token.json    every type, as the Python reference made them
//   verify.mjs host LINES HOST                     what inxt-host evidence prints
//   verify.mjs owner LINES HOSTS                   what inxt-put --receipts wrote; HOSTS: its Hosts' ids, with commas
//   verify.mjs renewals LINES HOST                 what inxt-renew --receipts wrote
//   verify.mjs descriptors LINES                   a hosts file
//
// Prints how many tokens were verified and how many alterations were refused; exit status 1 when anything is off.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose'

let verified = 0, refused = 0

function must(good, what) {
  if (!good) throw new Error(what)
}

const keyOf = (hex) => importJWK({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') }, 'Ed25519')
const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/// The payload, if jose finds it signed by its `iss`, with this type.
async function open(token, typ, iss = decodeJwt(token).iss) {
  const { payload, protectedHeader } = await compactVerify(token, await keyOf(iss), { algorithms: ['Ed25519'] })
  must(JSON.stringify(protectedHeader) === JSON.stringify({ alg: 'Ed25519', typ }), `header ${JSON.stringify(protectedHeader)}`)
  return JSON.parse(new TextDecoder().decode(payload))
}

async function fails(token, typ, what, iss) {
  let opened = true
  try {
    await open(token, typ, iss)
  } catch {
    opened = false
  }
  must(!opened, `${typ}: ${what} is accepted`)
  ++refused
}

/// Opens a token, and sees that nothing else in its place would do.
async function verify(token, typ) {
  must(decodeProtectedHeader(token).typ === typ, `${typ} expected`)
  const payload = await open(token, typ)
  ++verified
  const [header, body, signature] = token.split('.')
  for (const member of Object.keys(payload)) {
    if (member === 'iss') continue
    const value = payload[member]
    const other = typeof value === 'number' ? value + 1 : Array.isArray(value) ? [...value, 'x'] : `${value}x`
    await fails(`${header}.${b64({ ...payload, [member]: other })}.${signature}`, typ, `another ${member}`)
    const { [member]: _, ...rest } = payload
    await fails(`${header}.${b64(rest)}.${signature}`, typ, `no ${member}`)
  }
  const flipped = Buffer.from(signature, 'base64url')
  flipped[10] ^= 1
  await fails(`${header}.${body}.${flipped.toString('base64url')}`, typ, 'another signature')
  await fails(`${header}.${body}.`, typ, 'no signature')
  await fails(`${b64({ alg: 'none', typ })}.${body}.`, typ, 'alg none')
  await fails(`${b64({ alg: 'HS256', typ })}.${body}.${signature}`, typ, 'alg HS256')
  await fails(`${b64({ alg: 'Ed25519', typ: 'inxt-other' })}.${body}.${signature}`, typ, 'another typ')
  const anybody = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
  await fails(token, typ, 'another key', createHash('sha256').update(anybody).digest('hex'))
  return payload
}

const hash = (label, token) => createHash('sha256').update(`inxt/v1/${label}\0${token}`).digest('hex')

async function contract(line) {
  const offer = await verify(line.offer, 'inxt-offer')
  const acceptance = await verify(line.acceptance, 'inxt-acceptance')
  const receipt = await verify(line.receipt, 'inxt-receipt')
  must(acceptance.iss === offer.aud && receipt.iss === offer.aud, 'signed by another Host than the offer names')
  must(acceptance.offer === hash('offer-hash', line.offer), 'the acceptance is of another offer')
  must(acceptance.piece === offer.piece && acceptance.size === offer.size && acceptance.account === offer.iss,
    'the acceptance is about another piece')
  must(acceptance.until >= offer.until, 'the acceptance promises less')
  must(receipt.contract === hash('contract-hash', line.acceptance) && receipt.piece === offer.piece && receipt.size === offer.size,
    'the receipt is about another contract')
  return { offer, acceptance, receipt }
}

const linesOf = (file) => readFileSync(file, 'utf8').split('\n').filter((line) => line).map((line) => JSON.parse(line))

const modes = {
  async vectors(file) {
    const types = new Set()
    for (const { expect, given, input, name, reason } of JSON.parse(readFileSync(file, 'utf8')).vectors) {
      if (expect === 'accepted') {
        await verify(input, given.typ)
        types.add(given.typ)
      } else if (['token-sig', 'token-alg', 'token-typ', 'token-parts'].includes(reason) && input !== undefined) {
        // Under a key of small order anybody's signature is good: inxt-labels(5) refuses such keys, RFC 8032 does not.
        if (name.includes('small order')) continue
        let iss
        try {
          iss = decodeJwt(input).iss
        } catch {}
        await fails(input, given.typ, name, iss)
      }
    }
    console.log(`types: ${[...types].sort().join(' ')}`)
  },
  /// A Host shows what it was asked to keep, and what it delivered.
  async host(file, host) {
    const counts = { contract: 0, renewal: 0, transfer: 0, deletion: 0 }
    const contracts = new Map()
    for (const line of linesOf(file)) {
      ++counts[line.type]
      if (line.type === 'contract') {
        const said = await contract(line)
        must(said.offer.aud === host, 'a contract of another Host')
        must(said.offer.piece === line.piece && said.offer.iss === line.account && said.offer.size === line.size &&
          said.offer.until === line.until, 'the line says something else than the offer')
        contracts.set(`${line.piece} ${line.account}`, { ...said, hash: hash('contract-hash', line.acceptance) })
      } else if (line.type === 'renewal') {
        const renewal = await verify(line.renewal, 'inxt-renewal')
        const acceptance = await verify(line.renewal_acceptance, 'inxt-renewal-acceptance')
        const of = contracts.get(`${line.piece} ${line.account}`)
        must(of && renewal.contract === of.hash && renewal.iss === of.offer.control, 'a renewal of another contract')
        must(acceptance.renewal === hash('renewal-hash', line.renewal) && acceptance.iss === host, 'an acceptance of another renewal')
        must(renewal.until === line.until && renewal.until > renewal.from, 'the line says something else than the renewal')
      } else if (line.type === 'deletion') {
        const offer = await verify(line.offer, 'inxt-offer')
        const acceptance = await verify(line.acceptance, 'inxt-acceptance')
        const deletion = await verify(line.deletion, 'inxt-deletion')
        must(acceptance.offer === hash('offer-hash', line.offer) && acceptance.iss === host, 'an acceptance of another offer')
        must(deletion.iss === offer.control && deletion.aud === host && deletion.piece === line.piece &&
          deletion.account === offer.iss && offer.piece === line.piece, 'an order about another contract')
      } else {
        const transfer = await verify(line.transfer, 'inxt-transfer')
        must(transfer.aud === host && transfer.piece === line.piece && transfer.iss === line.account &&
          transfer.bytes === line.bytes && transfer.request === line.request, 'the line says something else than the receipt')
        const of = contracts.get(`${line.piece} ${line.account}`)
        must(!of || transfer.bytes <= of.offer.size, 'more was served than is kept')
      }
    }
    console.log(`contracts ${counts.contract}, renewals ${counts.renewal}, deletions ${counts.deletion}, transfers ${counts.transfer}`)
  },
  /// An owner shows what its Hosts promised.
  async owner(file, hosts) {
    let promises = 0
    for (const line of linesOf(file)) {
      const { acceptance, receipt } = await contract(line)
      must(hosts.split(',').includes(acceptance.iss), 'a promise of somebody else')
      must(receipt.kind === 'stored' && acceptance.until * 1000 > Date.now(), 'no promise')
      ++promises
    }
    console.log(`promises ${promises}`)
  },
  async renewals(file, hosts) {
    for (const line of linesOf(file)) {
      const renewal = await verify(line.renewal, 'inxt-renewal')
      const acceptance = await verify(line.acceptance, 'inxt-renewal-acceptance')
      must(acceptance.renewal === hash('renewal-hash', line.renewal) && hosts.split(',').includes(acceptance.iss) &&
        acceptance.until >= renewal.until, 'no promise')
    }
  },
  async descriptors(file) {
    for (const line of linesOf(file)) {
      const descriptor = await verify(line.token, 'inxt-descriptor')
      let before
      for (const link of descriptor.succession ?? []) {
        const succession = await verify(link, 'inxt-succession')
        must(before === undefined || before === succession.iss, 'the succession has a gap')
        before = succession.sub
      }
      must(before === undefined || before === descriptor.iss, 'the succession leads elsewhere')
    }
  },
}

try {
  const [mode, ...more] = process.argv.slice(2)
  must(modes[mode], 'which mode?')
  await modes[mode](...more)
  must(verified > 0 && refused > verified, 'nothing was verified')
  console.log(`${verified} verified, ${refused} alterations refused`)
} catch (error) {
  console.log(`FAILED: ${error.stack}`)
  process.exitCode = 1
}
