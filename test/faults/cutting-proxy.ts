/** A wire that breaks at the worst moment: the server has committed and answers, and the answer never arrives. */
import { connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly url: string
  /** While true, the first byte of an answer ends its connection. */
  cutting: boolean
  close(): Promise<void>
}

export function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>()
  const server = createServer(client => {
    const target = connect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
    client.pipe(target)
    target.on('data', data => {
      if (proxy.cutting) client.resetAndDestroy()
      else client.write(data)
    })
  })
  const proxy = {
    url: '',
    cutting: false,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      proxy.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
      resolve(proxy)
    })
  })
}
