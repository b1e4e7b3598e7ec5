// MUI in our colours: controls are grey like everything else, alarm colours never reach a button.
import { createTheme } from '@mui/material/styles';
import { dark, light, type Colours } from './palette';

const scheme = (c: Colours) => ({
  palette: {
    primary: { main: c.live, contrastText: c.card },
    secondary: { main: c.secondary, contrastText: c.card },
    error: { main: c.text },
    text: { primary: c.text, secondary: c.secondary },
    background: { default: c.page, paper: c.card },
    divider: c.divider,
  },
});

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-color-scheme' },
  colorSchemes: { light: scheme(light), dark: scheme(dark) },
  shape: { borderRadius: 4 },
  typography: {
    fontFamily: 'Inter, system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    fontSize: 14,
    button: { textTransform: 'none', fontWeight: 600 },
  },
  transitions: { create: () => 'none' }, // on this screen a movement means that a value moved
  components: {
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiButton: { defaultProps: { size: 'small', color: 'primary', disableElevation: true } },
    MuiTextField: { defaultProps: { size: 'small' } },
    MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiSkeleton: { defaultProps: { animation: false } },
  },
});
