import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own, which can be filled to the last byte. */
export interface Disk {
  readonly path: string
  fill(): void
  empty(): void
  remove(): void
}

/** @returns undefined where nobody may mount one. */
export function smallDisk(mb: number): Disk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'usher-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mb}m`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  const filler = join(path, 'filler')
  return {
    path,
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(mb << 20))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    empty: () => rmSync(filler),
    remove() {
      if (existsSync(filler)) rmSync(filler)
      execFileSync('umount', [path])
      rmSync(path, { recursive: true })
    }
  }
}
