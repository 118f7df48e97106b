// Without the fonts that the default theme brings: the reader's own are as good, and nothing is loaded for them.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
