import { readFileSync } from 'node:fs'
import t from 'tap'
import { ConfigError, describeConfig, readConfig, settingsPage } from '../../src/config.ts'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
  }
  return []
}

t.test('without any setting everything has its default', async t => {
  t.match(readConfig({}), {
    host: '127.0.0.1',
    port: 8080,
    mongodbUri: undefined,
    dataDir: './data',
    logLevel: 'info',
    adminToken: undefined,
    seats: { PWM: 25, PAM: 5 },
    publicUrl: undefined,
    trustProxy: false,
    bodyBytesMax: 1_048_576,
    bulkBytesMax: 4_194_304,
    bulkJsonValuesMax: 200_000,
    asyncWaitingMax: 1000,
    asyncWaitSecondsMax: 20,
    asyncResultHours: 72,
    asyncLeaseSeconds: 10,
    pageSizeDefault: 100,
    pageSizeMax: 1000,
    filterLengthMax: 4096
  })
})

t.test('an empty setting is none, and blanks around a value are not part of it', async t => {
  t.strictSame(readConfig({ PORT: '', MONGODB_URI: '  ', LOG_LEVEL: ' warn ' }), readConfig({ LOG_LEVEL: 'warn' }))
})

const read: Array<[string, string, string, unknown]> = [
  ['PORT', '0', 'port', 0],
  ['PORT', '65535', 'port', 65535],
  ['USHER_SEATS', 'PAM=1', 'seats', { PWM: 0, PAM: 1 }],
  ['USHER_SEATS', ' PAM = 2 , PWM = 0 ', 'seats', { PWM: 0, PAM: 2 }],
  ['USHER_SEATS', 'PWM=1000000', 'seats', { PWM: 1_000_000, PAM: 0 }],
  ['PUBLIC_URL', 'https://usher.example.com/', 'publicUrl', 'https://usher.example.com'],
  ['PUBLIC_URL', 'http://127.0.0.1:8080/usher/', 'publicUrl', 'http://127.0.0.1:8080/usher'],
  ['TRUST_PROXY', 'true', 'trustProxy', true],
  ['TRUST_PROXY', '10.0.0.0/8, ::1,loopback', 'trustProxy', ['10.0.0.0/8', '::1', 'loopback']],
  ['MONGODB_URI', 'mongodb+srv://a/usher', 'mongodbUri', 'mongodb+srv://a/usher'],
  ['USHER_ADMIN_TOKEN', 'a'.repeat(32), 'adminToken', 'a'.repeat(32)]
]
for (const [name, text, key, value] of read) {
  t.test(`${name}=${text.slice(0, 40)} is read`, async t => {
    t.strictSame((readConfig({ [name]: text }) as Record<string, unknown>)[key], value)
  })
}

const refused: Array<[string, string]> = [
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', '0x50'],
  ['PORT', '8e3'],
  ['PORT', 'http'],
  ['LOG_LEVEL', 'INFO'],
  ['LOG_LEVEL', 'verbose'],
  ['USHER_SEATS', 'PWM'],
  ['USHER_SEATS', 'PWM=-1'],
  ['USHER_SEATS', 'PWM=1.5'],
  ['USHER_SEATS', 'PWM=1000001'],
  ['USHER_SEATS', 'PWM=1,PWM=2'],
  ['USHER_SEATS', 'pwm=1'],
  ['USHER_SEATS', 'GOLD=1'],
  ['USHER_SEATS', 'PWM=0,PAM=0'],
  ['USHER_SEATS', 'PWM=5,'],
  ['USHER_ADMIN_TOKEN', 'a'.repeat(31)],
  ['USHER_ADMIN_TOKEN', 'a'.repeat(513)],
  ['USHER_ADMIN_TOKEN', `${'a'.repeat(20)} ${'a'.repeat(20)}`],
  ['USHER_ADMIN_TOKEN', 'ü'.repeat(40)],
  ['PUBLIC_URL', 'usher.example.com'],
  ['PUBLIC_URL', 'ftp://usher.example.com'],
  ['PUBLIC_URL', 'https://usher.example.com?x=1'],
  ['PUBLIC_URL', 'https://ada@usher.example.com'],
  ['TRUST_PROXY', 'yes'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '10.0.0.0/8/8'],
  ['TRUST_PROXY', '10.0.0.0/'],
  ['TRUST_PROXY', '10.0.0.1,,10.0.0.2'],
  ['MONGODB_URI', 'postgres://a/b'],
  ['MONGODB_URI', 'mongodb://'],
  ['USHER_BODY_BYTES_MAX', '0'],
  ['USHER_JSON_DEPTH_MAX', '100'],
  ['USHER_PAGE_SIZE_MAX', '0']
]
for (const [name, text] of refused) {
  t.test(`${name}=${text.slice(0, 40)} is refused`, async t => {
    const problems = problemsOf({ [name]: text })
    t.match(problems[0], new RegExp(`^${name} must be `))
  })
}

t.test('a page by default is not longer than a page may be', async t => {
  t.strictSame(problemsOf({ USHER_PAGE_SIZE_DEFAULT: '50', USHER_PAGE_SIZE_MAX: '50' }), [])
  t.match(problemsOf({ USHER_PAGE_SIZE_MAX: '50' }), [/USHER_PAGE_SIZE_DEFAULT must not be greater/])
})

t.test('all that is wrong is told at once, and no value is repeated', async t => {
  const problems = problemsOf({
    PORT: 'secret',
    USHER_ADMIN_TOKEN: 'secret',
    USHER_SEATS: 'secret',
    LOG_LEVEL: 'debug'
  })
  t.match(problems, [/^PORT must be/, /^USHER_ADMIN_TOKEN must be/, /^USHER_SEATS must be/])
  t.equal(problems.length, 3)
  t.notMatch(problems.join(), 'secret')
  t.match(new ConfigError(problems).message, /PORT must be.*USHER_SEATS must be/s)
})

t.test('the settings are shown without their secrets', async t => {
  const text = describeConfig(
    readConfig({
      MONGODB_URI:
        'mongodb://ada:hunter2@db1:27017,db2:27017/usher?replicaSet=rs0&authMechanismProperties=AWS_SESSION_TOKEN:hunter3',
      USHER_ADMIN_TOKEN: 'hunter4'.repeat(6),
      PORT: '9000',
      TRUST_PROXY: '10.0.0.0/8,::1'
    })
  )
  t.notMatch(text, /hunter|ada/)
  t.match(text, /^MONGODB_URI=mongodb:\/\/\*\*\*@db1:27017,db2:27017\/usher$/m)
  t.match(text, /^USHER_ADMIN_TOKEN=\*\*\*/m)
  t.match(text, /^PORT=9000$/m)
  t.match(text, /^USHER_SEATS=PWM=25,PAM=5$/m)
  t.match(text, /^TRUST_PROXY=10\.0\.0\.0\/8,::1$/m)
})

t.test('docs/settings.md is what the table says', async t => {
  const make = `node -e "import('./src/config.ts').then(c => process.stdout.write(c.settingsPage()))" > docs/settings.md`
  t.equal(readFileSync('docs/settings.md', 'utf8'), settingsPage(), `make it anew: ${make}`)
})
