/** What a style looks like, drawn small: its ground, its colours and its manner. */
const looks: Readonly<Record<string, { ground: string; shapes: readonly (readonly [string, string])[] }>> = {
  modern: { ground: '#f1efe9', shapes: [['M0 28 24 4v44H0Z', '#24408e'], ['M24 24h24v24H24Z', '#e4572e'], ['M36 8a8 8 0 1 1-.01 0Z', '#1c1d22']] },
  minimal: { ground: '#f7f6f3', shapes: [['M24 14a9 9 0 1 1-.01 0Z', '#cfc8bb'], ['M12 38h24v1H12Z', '#8d877b']] },
  vibrant: { ground: '#ffd23f', shapes: [['M0 0h24L0 30Z', '#ee4266'], ['M48 48H18L48 14Z', '#3bceac'], ['M24 14a9 9 0 1 1-.01 0Z', '#540d6e']] },
  luxury: { ground: '#17140f', shapes: [['M24 7 33 24 24 41 15 24Z', '#c9a24b'], ['M24 13 29.5 24 24 35 18.5 24Z', '#17140f'], ['M4 45h40v.8H4Z', '#c9a24b']] },
  playful: { ground: '#ffe3ec', shapes: [['M14 10a8 8 0 1 1-.01 0Z', '#ff7aa2'], ['M34 18a6 6 0 1 1-.01 0Z', '#5bc0eb'], ['M10 38c6-9 10 5 16-3s8 3 13-2v8H10Z', '#fdb833']] },
  professional: { ground: '#eef2f7', shapes: [['M6 10h20v3H6Zm0 8h14v2H6Zm0 5h14v2H6Z', '#44597a'], ['M8 42V34h6v8Zm9 0V30h6v12Zm9 0V26h6v16Zm9 0V18h6v24Z', '#1f4e8c']] },
  natural: { ground: '#eaf0df', shapes: [['M24 44C8 34 12 12 34 6c4 20-1 30-10 38Z', '#6b8f4e'], ['M23 44C24 30 27 20 32 11l1 .5C28 21 25 31 24.500 44Z', '#3f5a2c']] },
  tech: { ground: '#0b1020', shapes: [['M0 34h48v1H0Zm0 6h48v1H0Zm0 6h48v1H0ZM23.500 30h1v18h-1ZM10 30 2 48H1l8-18Zm28 0 8 18h1l-8-18Z', '#2bd9fe'], ['M24 8a9 9 0 1 1-.01 0Z', '#7b5cff']] },
}

export function StyleSwatch({ id }: { id: string }) {
  const look = looks[id]
  return (
    <svg aria-hidden viewBox="0 0 48 48" className="size-11 flex-none rounded-sm border border-line">
      <rect width="48" height="48" fill={look?.ground ?? 'none'} />
      {look?.shapes.map(([d, fill]) => <path key={d} d={d} fill={fill} fillRule="evenodd" />)}
    </svg>
  )
}
