// The few pictures the page needs. Each stands beside its word.
import { createSvgIcon } from '@mui/material/utils';

export const OverviewIcon = createSvgIcon(<path d="M3 3h8v10H3zm10 0h8v6h-8zm0 8h8v10h-8zM3 15h8v6H3z" />, 'Overview');
export const AlarmsIcon = createSvgIcon(<path d="M12 2 1 21h22zm-1 7h2v6h-2zm0 8h2v2h-2z" fillRule="evenodd" />, 'Alarms');
export const DocsIcon = createSvgIcon(<path d="M8.5 16.6 3.9 12l4.6-4.6L7 6l-6 6 6 6zm7 0 4.6-4.6-4.6-4.6L17 6l6 6-6 6z" />, 'Docs');
export const SettingsIcon = createSvgIcon(
  <path d="M3 6h10v2H3zm14 0h4v2h-4zM13 4h2v6h-2zM3 16h4v2H3zm8 0h10v2H11zM7 14h2v6H7z" />,
  'Settings',
);
export const PlugIcon = createSvgIcon(<path d="M16 7V3h-2v4h-4V3H8v4H6v7l4 4v3h4v-3l4-4V7z" />, 'Connect');
export const TrendIcon = createSvgIcon(<path d="M3 3h2v16h16v2H3zm4 12 4-6 4 3 5-7 1.6 1.2L15.4 15l-4-3-2.8 4.2z" />, 'Trend');
export const EarlierIcon = createSvgIcon(<path d="M15.4 7.4 14 6l-6 6 6 6 1.4-1.4L10.8 12z" />, 'Earlier');
export const LaterIcon = createSvgIcon(<path d="M8.6 16.6 10 18l6-6-6-6-1.4 1.4 4.6 4.6z" />, 'Later');
export const ZoomInIcon = createSvgIcon(<path d="M11 11V5h2v6h6v2h-6v6h-2v-6H5v-2z" />, 'ZoomIn');
export const ZoomOutIcon = createSvgIcon(<path d="M5 11h14v2H5z" />, 'ZoomOut');
export const NowIcon = createSvgIcon(<path d="M5 6v12l8-6zm10 0h3v12h-3z" />, 'Now');
export const ExpandIcon = createSvgIcon(<path d="M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z" />, 'Expand');
