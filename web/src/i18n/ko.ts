import { inUnits } from '../text/format.ts'

/** A wait as people say it: seconds up to two minutes, then hours and minutes. */
const wait = (s: number) => inUnits(s, '시간', '분', '초')

/** Every word of the app. Korean is the type: a language that misses a word does not compile. 해요체 everywhere, buttons are verbs. */
export const ko = {
  common: {
    close: '닫기', cancel: '취소', save: '저장하기', undo: '되돌리기', delete: '지우기', retry: '다시 시도하기', more: '더 보기', back: '뒤로',
    copy: '복사하기', copied: '복사했어요', loading: '불러오고 있어요', saved: '저장했어요', search: '검색', all: '전체', none: '없음', on: '켜기', off: '끄기',
    loadFailed: '불러오지 못했어요', loadFailedHint: '서버와 연결을 확인하고 다시 시도해 주세요.', skip: '본문으로 바로가기', notices: '알림',
    notFound: '페이지를 찾을 수 없어요', notFoundHint: '주소가 바뀌었거나 지운 대화일 수 있어요.', goHome: '처음으로',
    crashed: '화면을 표시하지 못했어요', crashedHint: '만들던 이미지는 서버에 그대로 있어요. 새로고침하면 이어서 볼 수 있어요.', reload: '새로고침',
  },
  nav: { label: '주 메뉴', sessions: '대화', newSession: '새 대화', gallery: '갤러리', brands: '브랜드', usage: '사용량', settings: '설정', openMenu: '메뉴 열기', shortcuts: '단축키' },
  sessions: {
    search: '대화 검색 (초성도 돼요)', clearSearch: '검색어 지우기', empty: '아직 대화가 없어요', emptyHint: '만들고 싶은 이미지를 적으면 대화가 시작돼요.', noMatch: '검색 결과가 없어요', emptyArchive: '보관한 대화가 없어요',
    active: '진행 중', archived: '보관함', rename: '이름 바꾸기', archive: '보관하기', unarchive: '보관 취소하기', remove: '대화 지우기', brand: '브랜드 지침',
    renamed: '이름을 바꿨어요', archivedToast: '보관함으로 옮겼어요', unarchivedToast: '대화 목록으로 되돌렸어요',
    deleted: (title: string) => `‘${title}’ 대화를 지웠어요`, actions: (title: string) => `‘${title}’ 대화 메뉴`, nameLabel: '대화 이름', untitled: '이름 없는 대화', more: '이전 대화 더 보기', images: (n: number) => `이미지 ${n}장`, noImages: '아직 이미지가 없어요',
    working: '만들고 있어요',
  },
  home: {
    title: '무엇을 만들어 볼까요?', hint: '어디에 쓸지 선택하고, 어떤 장면인지 말하듯이 적어 주세요.', purposeLabel: '어디에 쓰나요?', more: (n: number) => `모두 보기 (${n})`, recent: '최근 작업', allPictures: '갤러리에서 모두 보기', tryThis: '이렇게 시작해 보세요',
    examples: {
      square: '창가에 놓인 유자 에이드를 아침 햇살이 들어오는 사진으로 만들어 주세요',
      kakao: '“봄 세일” 문구가 들어간 벚꽃 배너를 산뜻하게 만들어 주세요',
      naver: '손으로 빚은 도자기 컵을 따뜻한 베이지 배경에 놓아 주세요',
      story: '해 질 녘 바다와 등대를 세로로 길게 담아 주세요',
      banner: '“겨울 핫초코” 신메뉴 배너를 눈 내리는 산을 배경으로 만들어 주세요',
      thumb: '“5분 레시피” 글자가 크게 보이는 파스타 썸네일을 만들어 주세요',
    },
    demoTitle: '지금은 데모 이미지를 보여 드리고 있어요',
    demoBody: 'API 키가 아직 없어서, 이 컴퓨터에서 만든 연습용 이미지를 보여 드려요.', demoFree: '비용은 들지 않아요. 데모는 몇 가지 말만 알아듣지만, 다른 기능은 그대로 써 볼 수 있어요.',
    demoHow: '진짜 이미지를 만들려면 서버 폴더의 .env 파일에 아래 줄을 넣고 다시 시작해 주세요.', demoClose: '알겠어요', demoBadge: '데모',
  },
  composer: {
    label: '만들 이미지나 고칠 점', placeholder: '어떤 이미지가 필요한가요?', placeholderEdit: '이 이미지에서 무엇을 바꿀까요?', placeholderMore: '이어서 말해 주세요. 고칠 점도 좋아요.',
    send: '보내기', stop: '멈추기', sendCost: (usd: string) => `보내기, ${usd}`, attach: '참고 이미지 넣기', purpose: '용도', style: '스타일', noStyle: '스타일 없음', options: '옵션',
    optionsSummary: (count: number, size: string) => `${count}장 · ${size}`, count: '장수', size: '크기', model: '모델', mode: '만드는 방법',
    modes: { converse: '알아서', generate: '이미지', chat: '대화만' },
    modeHints: { converse: '답만 할지 이미지를 만들지 모델이 정해요.', generate: '항상 이미지를 만들어요.', chat: '이미지 없이 대화만 해요.' },
    editing: '이 이미지에서 고쳐요', stopEditing: '수정 그만두기', roles: { reference: '참고', product: '제품', person: '인물', style: '스타일', logo: '로고' }, roleOf: (n: number, role: string) => `참고 이미지 ${n}의 역할: ${role}`, removeReference: (n: number) => `참고 이미지 ${n} 삭제`, uploading: '올리고 있어요', reference: (n: number) => `참고 이미지 ${n}`,
    drop: '여기에 놓으면 참고 이미지로 써요', searchPurpose: '용도 검색', overBudget: (left: string) => `남은 예산 ${left}보다 비싼 요청이에요.`, noBudgetLeft: '예산을 다 썼어요.', costHint: '예상 비용이에요. 실제 비용은 결과에 적혀요.', free: '무료', tooLong: (n: number) => `2,000자까지 보낼 수 있어요. ${n}자를 줄여 주세요.`,
    offlineQueued: '연결되면 바로 보낼게요', referenceLimit: (n: number) => `참고 이미지는 ${n}장까지 넣을 수 있어요.`,
    uploadType: 'PNG, JPEG, WebP, GIF 이미지만 넣을 수 있어요.', uploadSize: '20MB까지 올릴 수 있어요. 파일 크기를 줄여서 다시 올려 주세요.', uploadFailed: '올리지 못했어요. 다시 넣어 주세요.',
    width: '가로', height: '세로', cropNote: (percent: string) => `만든 뒤 ${percent}쯤 잘라 맞춰요`,
    keyHint: 'Enter로 보내고 Shift+Enter로 줄을 바꿔요',
  },
  loop: {
    editing: '이 이미지를 고쳐요', talking: '이 이미지에 대해 이야기해요', drop: '이 이미지 수정 그만두기', anew: '새 이미지를 만들어요', pick: '고칠 이미지를 눌러 선택해 주세요',
    countHint: '장수는 새로 만들 때 쓰여요. 고칠 때는 한 장씩 만들어요.', newer: '새 버전이 있어요', again: '더 만들기', four: '네 장 더', similar: '비슷하게 다시', different: '다른 느낌으로',
    similarWish: '같은 장면과 분위기를 살려서 비슷한 이미지를 하나 더 만들어 주세요.', differentWish: '같은 주제를 전혀 다른 느낌과 구도로 다시 만들어 주세요.',
    downUnknown: '서버와 연결이 끊겼어요. 다시 연결되면 만들던 이미지가 어떻게 됐는지 알려 드릴게요.',
    thisLine: '이 이미지의 버전', otherPictures: '다른 이미지', unreachable: '이미지를 불러오지 못했어요', unread: '새 답이 있어요',
    editSaid: '고쳐서 다시 보내기', pageLost: '이 화면을 불러오지 못했어요', pageLostHint: '연결되면 다시 불러올게요. 적은 내용은 그대로 있어요.',
  },
  thread: {
    label: '대화 내용', you: '나', assistant: '이미지챗', older: '이전 메시지 보기', newest: '맨 아래로', unsent: '아직 보내지 못했어요', resend: '다시 보내기', sending: '보내고 있어요',
    started: '이미지를 만들기 시작했어요', finished: (n: number) => (n > 0 ? `이미지 ${n}장을 만들었어요` : '답이 왔어요'), failed: '만들지 못했어요',
    picture: (n: number, of: number) => (of > 1 ? `만든 이미지 ${n}/${of}` : '만든 이미지'), open: '크게 보기', took: (s: string) => `${s} 걸렸어요`, brandOn: '브랜드 지침 적용 중', brandNamed: (name: string) => `‘${name}’ 브랜드 적용 중`,
  },
  stage: {
    sending: '보내고 있어요', queued: (n: number) => (n > 0 ? `앞에 ${n}개가 있어요` : '차례를 기다리고 있어요'), thinking: '생각하고 있어요', streaming: '답을 쓰고 있어요', generating: '이미지를 만들고 있어요',
    retrying: (s: number) => (s > 0 ? `요청이 몰려서 쉬고 있어요. ${wait(s)} 뒤에 다시 시도할게요` : '다시 시도하고 있어요'), saving: '이미지를 저장하고 있어요', cancelled: '멈췄어요',
    elapsed: (s: number) => `${s}초`, expected: (s: number) => `보통 ${s}초쯤 걸려요`, longer: '평소보다 오래 걸리고 있어요. 계속 만들고 있어요.',
    cancel: '멈추기', cancelCost: '지금 멈춰도 비용은 들 수 있어요', cancelledHint: '적은 내용은 그대로 있어요.',
  },
  failure: {
    words: '모델이 남긴 말', requestId: '오류 번호', copyId: '오류 번호 복사하기', again: '다시 시도하기', againFor: (price: string) => `다시 시도하기 (약 ${price})`, spent: (cost: string) => `이 요청에 약 ${cost}가 들었어요.`, spentNothing: '비용은 들지 않았어요.', rephrase: '표현 바꿔 보기', takeBack: '입력창으로 되돌리기', otherModel: '다른 모델로 만들기', openUsage: '사용량 보기', openSettings: '설정 열기',
    waitLeft: (s: number) => `${wait(s)} 뒤에 다시 시도할 수 있어요`,
    titles: {
      invalid_request: '보낸 내용을 확인해 주세요', malformed_request: '요청을 읽지 못했어요', unauthorized: '다시 로그인해 주세요', forbidden: '이 작업은 할 수 없어요', not_found: '찾을 수 없어요',
      session_not_found: '이 대화를 찾을 수 없어요', image_not_found: '이 이미지를 찾을 수 없어요', turn_not_found: '이 요청을 찾을 수 없어요', conflict: '지금은 할 수 없어요', idempotency_mismatch: '이 메시지를 보내지 못했어요',
      payload_too_large: '파일이 너무 커요', unsupported_image: '쓸 수 없는 이미지 형식이에요', invalid_image: '이미지를 읽지 못했어요', rate_limited: '요청이 잠깐 몰렸어요', budget_exceeded: '남은 예산이 부족해요',
      generator_not_configured: '이미지 모델이 아직 준비되지 않았어요', generator_rejected_key: 'API 키가 올바르지 않아요', model_unavailable: '이 모델은 지금 쓸 수 없어요', quota_exhausted: '오늘 쓸 수 있는 양을 다 썼어요',
      generator_overloaded: '이미지 모델이 붐비고 있어요', generator_timeout: '시간이 너무 오래 걸려서 멈췄어요', generator_protocol: '이미지 모델의 답이 끊겼어요', content_blocked: '안전 기준 때문에 만들지 못했어요', no_image_returned: '이번에는 이미지가 나오지 않았어요',
      interrupted: '서버가 다시 시작되면서 끊겼어요', cancelled: '멈췄어요', storage_full: '저장 공간이 가득 찼어요', storage_unavailable: '저장소에 연결할 수 없어요', internal: '서버에서 문제가 생겼어요',
    },
    hints: {
      invalid_request: '표시된 곳을 고쳐서 다시 보내 주세요.', malformed_request: '새로고침한 뒤 다시 보내 주세요.', unauthorized: '로그인한 지 오래됐어요. 다시 로그인하면 이어서 할 수 있어요.', forbidden: '다른 사람의 대화이거나 권한이 없어요.', not_found: '주소를 확인해 주세요.',
      session_not_found: '지웠거나 주소가 바뀌었을 수 있어요.', image_not_found: '지웠거나 주소가 바뀌었을 수 있어요.', turn_not_found: '새로고침해서 최신 상태를 봐 주세요.', conflict: '새로고침해서 최신 상태를 봐 주세요.', idempotency_mismatch: '내용을 다시 적어서 보내 주세요.',
      payload_too_large: '20MB까지 올릴 수 있어요. 크기를 줄여서 다시 올려 주세요.', unsupported_image: 'PNG, JPEG, WebP, GIF로 바꿔서 올려 주세요.', invalid_image: '파일이 깨졌을 수 있어요. 다른 파일로 해 주세요.', rate_limited: '조금 기다렸다가 다시 시도해 주세요.', budget_exceeded: '사용량에서 예산을 확인해 주세요. 적은 내용은 그대로 있어요.',
      generator_not_configured: '서버에 Gemini API 키를 넣으면 바로 쓸 수 있어요.', generator_rejected_key: '서버의 GEMINI_API_KEY 값을 확인해 주세요.', model_unavailable: '다른 모델로 만들어 볼 수 있어요.', quota_exhausted: '내일 다시 채워져요. 다른 모델은 지금도 쓸 수 있을지 몰라요.',
      generator_overloaded: '이 시도에는 비용이 들지 않았어요. 조금 뒤에 다시 시도해 주세요.', generator_timeout: '비용이 들었을 수 있어서 자동으로 다시 시도하지 않았어요.', generator_protocol: '비용이 들었을 수 있어서 자동으로 다시 시도하지 않았어요.', content_blocked: '표현을 조금 바꿔서 다시 시도해 주세요.', no_image_returned: '어떤 장면인지 조금 더 자세히 적어 주세요.',
      interrupted: '비용이 들었을 수 있어서 자동으로 다시 시도하지 않았어요.', cancelled: '적은 내용은 그대로 있어요.', storage_full: '서버 관리자에게 알려 주세요.', storage_unavailable: '조금 뒤에 다시 시도해 주세요.', internal: '조금 뒤에 다시 시도해 주세요. 계속되면 오류 번호를 알려 주세요.',
    },
    network: '서버에 연결할 수 없어요', networkHint: '인터넷 연결을 확인해 주세요. 적은 내용은 그대로 있어요.',
  },
  line: {
    down: '서버와 연결이 끊겼어요. 다시 연결하고 있어요.', downWorking: '서버와 연결이 끊겼어요. 다시 연결하고 있어요. 만들던 이미지는 서버에서 계속 진행돼요.', back: '다시 연결됐어요', now: '지금 연결하기', ended: '이 대화에 더 연결할 수 없어요. 새로고침해 주세요.',
  },
  inspector: {
    label: '이미지 살펴보기', empty: '이미지를 선택해 보세요', emptyHint: '대화에서 이미지를 누르면 버전과 정보를 여기에서 볼 수 있어요.', versions: '버전', version: (n: number) => `버전 ${n}`, from: (n: number) => `버전 ${n}에서 고쳤어요`, original: '처음 만든 이미지',
    edit: '이 이미지 수정하기', compare: '비교하기', mark: '부분 표시하기', zoom: '크게 보기', star: '별표 추가', unstar: '별표 해제', download: '내려받기', exportAs: '내보내기', asReference: '참고 이미지로 쓰기', reuse: '이 설정으로 다시 쓰기', moreActions: '이미지 메뉴',
    setFinal: '대표 이미지로 정하기', isFinal: '대표 이미지예요', finalToast: '대표 이미지로 정했어요', details: '정보', prompt: '입력한 문장', model: '모델', cost: '비용', dimensions: '크기', file: '파일', purpose: '용도', style: '스타일', made: '만든 날짜', provenance: '출처 표시', c2pa: 'C2PA 콘텐츠 증명이 들어 있어요', noC2pa: 'C2PA 콘텐츠 증명이 없어요', response: '응답 번호',
    alt: '대체 텍스트', altHint: '이미지를 볼 수 없는 사람에게 읽어 줄 설명이에요.', altSave: '대체 텍스트 저장하기', openSession: '대화에서 보기', copyPrompt: '문장 복사하기', sent: '모델에 보낸 문장 모두 보기',
  },
  zoom: { title: '크게 보기', in: '키우기', out: '줄이기', reset: '맞춰 보기', previous: '이전 이미지', next: '다음 이미지', of: (n: number, all: number) => `${n} / ${all}`, level: (p: number) => `${p}%` },
  compare: { title: '비교하기', slider: '겹쳐 보기', side: '나란히 보기', handle: '경계 옮기기', left: '왼쪽', right: '오른쪽', swap: '좌우 바꾸기', pick: '비교할 이미지', only: '비교하려면 이미지가 두 장 있어야 해요.', useLeft: '왼쪽 이미지 수정하기', useRight: '오른쪽 이미지 수정하기' },
  mark: {
    title: '부분 표시하기', hint: '바꾸고 싶은 곳을 칠하거나 사각형으로 감싸 주세요.', rect: '사각형', brush: '브러시', undo: '한 획 되돌리기', clear: '모두 지우기', what: '표시한 곳을 어떻게 바꿀까요?', send: '이 부분 수정하기', width: '브러시 굵기',
    placeholder: '예: 컵을 유리잔으로 바꿔 주세요', canvas: '이미지 위에 표시하는 곳. 방향키로 사각형을 옮기고 Shift와 방향키로 크기를 바꿔요.',
    wishMissing: '어떻게 바꿀지 적어 주세요.',
  },
  gallery: {
    title: '갤러리', search: '문장으로 검색', starred: '별표만', purpose: '용도', allPurposes: '모든 용도', date: '기간', dates: { all: '전체', day: '오늘', week: '7일', month: '30일' }, empty: '아직 만든 이미지가 없어요', emptyHint: '첫 이미지를 만들어 볼까요?', emptyAction: '이미지 만들기', noMatch: '조건에 맞는 이미지가 없어요', noMatchHint: '검색어나 조건을 바꿔 보세요.', clear: '조건 지우기',
    select: '선택', selected: (n: number) => `${n}장 선택`, selectAll: '모두 선택', clearSelection: '선택 끝내기', zip: 'ZIP으로 내려받기', zipping: (n: number, all: number) => `${all}장 중 ${n}장을 담고 있어요`, zipFailed: '내려받지 못한 이미지가 있어서 멈췄어요', star: '별표 추가', open: '살펴보기', compare: '비교하기', select1: (prompt: string) => `선택: ${prompt}`, count: (n: string) => `${n}장`, label: '이미지 목록',
    deleted: (n: number) => `이미지 ${n}장을 지웠어요`, compareTwo: '같은 대화의 이미지 두 장을 선택하면 비교할 수 있어요',
  },
  placement: {
    top: '위', bottom: '아래', left: '왼쪽', right: '오른쪽', keepFree: (sides: string) => `${sides}는 앱 화면에 가려질 수 있어요. 중요한 것은 가운데에 두세요.`,
    unverified: '한 곳에서만 확인한 규격이라 제출 전에 매체 안내를 봐 주세요.', stale: '확인한 지 180일이 넘은 규격이에요.', checkedOn: (date: string) => `(${date} 확인)`,
  },
  exporting: {
    c2pa: '잘라 낸 파일에는 원본의 C2PA 서명이 남지 않아요. 대신 AI로 만들었다는 표시(IPTC)와 원본 번호를 넣어요. 서명이 필요하면 원본을 내려받아 주세요.', title: '내보내기', hint: '지면을 선택하면 정확한 크기로 맞춰 드려요. 주황 점을 끌어서 꼭 보여야 할 곳을 정해 주세요.', focus: '초점', focusValue: (x: number, y: number) => `가로 ${x}%, 세로 ${y}%`, fit: '맞추는 방법', cover: '꽉 채우기', contain: '여백 두기', format: '형식', auto: '자동', chosen: (n: number) => `지면 ${n}개 선택`,
    crop: (percent: string) => `${percent} 잘려요`, noCrop: '잘리지 않아요', upscaled: '원본보다 크게 늘려요', max: (size: string) => `최대 ${size}`, zip: 'ZIP으로 내려받기', zipBusy: '파일을 만들고 있어요', all: '모두 선택', clear: '모두 해제', done: (n: number) => `파일 ${n}개를 ZIP으로 내려받았어요`, one: '이 크기만 내려받기', search: '지면 검색', foundFocus: '자동 초점', centreFocus: '가운데', foundHint: '눈에 띄는 곳을 찾아서 지면마다 맞췄어요.',
    chosenOnly: '선택한 것만', noneChosen: '아직 선택한 지면이 없어요', noMatch: '검색 결과가 없어요', look: (name: string) => `${name} 크게 보기`, allPlacements: '모든 지면', fileOf: (name: string) => `${name} 파일 미리보기`, focusOf: (name: string) => `${name} 초점`, sharedFocus: '공통 초점', ownHint: '주황 점을 끌면 이 지면의 초점만 바뀌어요.', chooseOne: '이 지면 선택하기', leaveOne: '선택 해제하기',
    remake: '이 비율로 다시 만들기', remakeFor: (price: string) => `이 비율로 다시 만들기 (${price})`, remakeWish: (name: string, size: string) => `같은 장면을 ${name}(${size}) 비율에 맞게 구도를 다시 잡아 주세요. 중요한 것이 잘리지 않게 해 주세요.`, remaking: (name: string) => `‘${name}’ 비율로 만들고 있어요. 대화에서 볼 수 있어요.`, opaque: '배경이 투명하지 않아요', faint: '배경과 색이 비슷해서 거의 안 보여요',
    measuring: '용량을 확인하고 있어요', bytes: (n: string) => `${n}바이트`, overLimit: (size: string) => `${size} 안에 담을 수 없어요`, coarse: '용량 때문에 화질을 낮췄어요', together: (size: string) => `모두 ${size}`, impossible: (n: number) => `지면 ${n}개는 만들 수 없어요`, leaveOut: '제외하기', unverified: '확인 중인 규격',
  },
  brand: { title: '브랜드 지침', hint: '이 대화에서 만드는 모든 이미지에 함께 전해져요.', name: '브랜드 이름', about: '어떤 브랜드인가요?', aboutHint: '무엇을 팔고, 어떤 느낌이어야 하나요?', colors: '색', colorName: '색 이름', color: '색', addColor: '색 추가', removeColor: (name: string) => `${name || '색'} 삭제`, typography: '글꼴', typographyHint: '예: 또렷한 고딕, 제목은 굵게', tone: '말투와 분위기', toneHint: '예: 다정하고 담백하게', do: '꼭 해 주세요', dont: '하지 말아 주세요', ruleHint: '한 줄에 하나씩 적어 주세요', kit: '브랜드 자료', chip: '브랜드', hex: 'HEX 색 코드', noKit: '사용하지 않음', fill: '복사해서 이 대화만 수정하기', kitHint: '이 자료를 그대로 따라요. 자료를 고치면 이 대화에도 바로 반영돼요.', fillHint: '자료를 선택하면 색, 로고, 말투가 모든 이미지에 함께 전해져요.', ownTitle: '이 대화에만 더할 지침', manage: '자료 관리하기', save: '지침 저장하기', saved: '브랜드 지침을 저장했어요', clear: '모두 비우기' },
  brands: {
    title: '브랜드 자료', hint: '한 번 적어 두면 대화마다 꺼내 쓸 수 있어요.', add: '새 브랜드', empty: '아직 브랜드 자료가 없어요', emptyHint: '색, 글꼴, 말투를 적어 두면 이미지가 늘 브랜드다워져요.', noWords: '아직 소개가 없어요',
    newTitle: '새 브랜드 자료', editTitle: '브랜드 자료 수정하기', formHint: '이 자료를 따르는 대화의 모든 이미지에 함께 전해져요.', saved: '브랜드 자료를 저장했어요', edit: '수정하기', remove: '지우기', actions: (name: string) => `‘${name}’ 자료 메뉴`,
    makeDefault: '새 대화에 기본으로 쓰기', dropDefault: '기본 해제', isDefault: '기본', defaultToast: (name: string) => `새 대화는 ‘${name}’ 자료로 시작해요`, noDefaultToast: '새 대화는 자료 없이 시작해요', deleted: (name: string) => `‘${name}’ 자료를 지웠어요`,
    logo: '로고', svgFailed: '이 SVG를 변환할 수 없어요. PNG로 저장해서 올려 주세요. 투명한 배경은 그대로 남아요.', addLogo: '로고 올리기', changeLogo: '바꾸기', removeLogo: '로고 삭제', logoOf: (name: string) => (name ? `${name} 로고` : '로고'),
  },
  usage: {
    title: '사용량', spent: '사용 금액', images: '이미지', tokens: '토큰', turns: '요청', byDay: '날짜별', bySession: '대화별', budget: '하루 예산', noBudget: '하루 예산을 정해 두지 않았어요', noBudgetHint: '서버의 DAILY_BUDGET_USD로 하루에 쓸 금액을 정할 수 있어요.', budgetLeft: (left: string) => `${left} 남았어요`, budgetOver: '예산을 다 썼어요', since: (date: string) => `${date}부터`, empty: '아직 사용 내역이 없어요', emptyHint: '이미지를 만들면 여기에 비용이 쌓여요.', estimate: '끊겨서 결과를 못 받은 요청은 예상 비용으로 더했어요.', sessionBudget: (usd: string) => `대화 하나에 ${usd}까지`, day: '날', conversation: '대화', last24: '최근 24시간',
  },
  settings: {
    title: '설정', look: '화면', language: '언어', theme: '테마', themes: { system: '기기 따라', light: '밝게', dark: '어둡게' }, making: '만들기', purpose: '기본 용도', enter: '보내는 키', enters: { enter: 'Enter', 'ctrl-enter': 'Ctrl+Enter' }, notify: '완료되면 알림 받기', notifyHint: '다른 창을 보고 있을 때 알려 드려요.', notifyRefused: '브라우저가 알림을 막고 있어요. 주소창 옆 사이트 설정에서 허용해 주세요.', keys: '단축키', keysOn: '단축키 사용', keysHint: 'Esc는 언제나 쓸 수 있어요.', showKeys: '단축키 모두 보기', about: '정보', version: '버전', generator: '이미지 모델 연결', model: '모델', state: '상태', warnings: '서버가 알리는 문제', warned: '확인할 문제가 있어요', healthy: '정상이에요', unhealthy: '문제가 있어요', demo: '데모 (이 컴퓨터에서 만들어요)', gemini: 'Gemini', environment: '환경', apiDocs: 'API 문서', logout: '로그아웃', remember: '마지막에 쓴 용도', font: '글꼴 Pretendard는 SIL Open Font License 1.1을 따라요.',
  },
  login: { title: '로그인', hint: '받은 접속 토큰을 넣어 주세요.', token: '접속 토큰', submit: '로그인', wrong: '토큰이 맞지 않아요. 다시 확인해 주세요.', busy: '로그인 시도가 너무 많았어요. 잠시 뒤에 다시 시도해 주세요.' },
  palette: { title: '명령 검색', placeholder: '무엇을 할까요? 대화도 찾을 수 있어요', actions: '할 일', theme: (name: string) => `테마: ${name}`, exportPicture: '지금 이미지 내보내기', found: (n: number) => `${n}개를 찾았어요`, nothing: '검색 결과가 없어요' },
  shortcuts: {
    title: '단축키', general: '어디서나', conversation: '대화', pictures: '이미지 크게 보기', gallery: '갤러리',
    rows: { palette: '명령 검색', newSession: '새 대화', search: '대화 검색', sheet: '단축키 보기', send: '보내기', newline: '줄 바꾸기', stop: '멈추거나 닫기', editLast: '마지막 말 다시 쓰기', prevNext: '이전, 다음 이미지', zoom: '키우기, 줄이기, 맞추기', compare: '비교하기', star: '별표', download: '내려받기', reuse: '설정 다시 쓰기', move: '옮겨 다니기', select: '선택', selectAll: '모두 선택', open: '열기', zoomOpen: '크게 보기' },
  },
}

/** The shape of a language. */
export type Words = typeof ko
